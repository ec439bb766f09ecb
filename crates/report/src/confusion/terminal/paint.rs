//! What a screen can show of colours and signs.

use crate::confusion::color::{Ground, Rgb, ink_on, nearest_of_256};
use crate::confusion::shade::Shade;
use crate::confusion::text;
use crate::terminal::Terminal;

/// How many colours a terminal that shows any can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// The 256 that nearly all agree on.
    #[default]
    Palette256,
    /// Every one.
    TrueColor,
}

impl Depth {
    /// From what the environment variable `COLORTERM` holds: `truecolor` or `24bit` where every colour can be shown.
    ///
    /// ```
    /// use gradiometer_report::confusion::terminal::Depth;
    /// assert_eq!(Depth::of(Some("truecolor")), Depth::TrueColor);
    /// assert_eq!(Depth::of(None), Depth::Palette256);
    /// ```
    pub fn of(colorterm: Option<&str>) -> Self {
        match colorterm {
            Some("truecolor" | "24bit") => Self::TrueColor,
            _ => Self::Palette256,
        }
    }
}

/// A terminal with its depth of colour.
pub(super) struct Screen {
    pub(super) width: usize,
    pub(super) color: bool,
    pub(super) unicode: bool,
    depth: Depth,
}

impl Screen {
    pub(super) fn new(terminal: &Terminal, depth: Depth) -> Self {
        // As everywhere in this room, less than 40 columns are taken as 40.
        Self { width: terminal.width.max(40), color: terminal.color, unicode: terminal.unicode, depth }
    }

    /// The sign of what is undefined.
    pub(super) fn undefined(&self) -> &'static str {
        if self.unicode { "∅" } else { "n/a" }
    }

    pub(super) fn arrow(&self) -> &'static str {
        if self.unicode { "→" } else { "->" }
    }

    pub(super) fn down(&self) -> &'static str {
        if self.unicode { "↓" } else { "(down)" }
    }

    pub(super) fn dot(&self) -> &'static str {
        if self.unicode { "·" } else { "." }
    }

    /// A label that fits `room` columns.
    pub(super) fn label(&self, label: &str, room: usize) -> String {
        let clean = if self.unicode { text::clean(label) } else { text::clean_ascii(label) };
        text::clip(&clean, room, if self.unicode { '…' } else { '~' }, text::columns)
    }

    pub(super) fn amount(&self, x: f64) -> String {
        text::amount(x, if self.unicode { "\u{202f}" } else { "" })
    }

    pub(super) fn share(&self, share: Option<f64>) -> String {
        share.map_or_else(|| self.undefined().to_owned(), text::percent)
    }

    /// A share without digits behind the point; what is not 0 or 1 is never written as such.
    pub(super) fn short_share(&self, share: Option<f64>) -> String {
        match share.map(|share| share * 100.0) {
            None => self.undefined().to_owned(),
            Some(p) if p > 0.0 && p < 0.5 => "<1%".to_owned(),
            Some(p) if (99.5..100.0).contains(&p) => ">99%".to_owned(),
            Some(p) => format!("{p:.0}%"),
        }
    }

    pub(super) fn dim(&self, text: &str) -> String {
        self.style("2", text)
    }

    pub(super) fn style(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// The codes for colours of letters and of what is behind them.
    fn codes(&self, letters: Rgb, behind: Rgb) -> String {
        match self.depth {
            Depth::TrueColor => {
                let ([r, g, b], [x, y, z]) = (letters, behind);
                format!("38;2;{r};{g};{b};48;2;{x};{y};{z}")
            }
            Depth::Palette256 => format!("38;5;{};48;5;{}", nearest_of_256(letters), nearest_of_256(behind)),
        }
    }

    /// Text on the colour of a shade.
    pub(super) fn on(&self, shade: Shade, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        match shade {
            // Without a colour of its own the text keeps the terminal's ground.
            Shade::Empty | Shade::Undefined => self.dim(text),
            shade => {
                let behind = Ground::Dark.of(shade);
                self.style(&self.codes(ink_on(behind), behind), text)
            }
        }
    }

    /// Two shades, one above the other, in one character's place; only with colours.
    pub(super) fn half_blocks(&self, above: Shade, below: Shade) -> String {
        self.style(&self.codes(Ground::Dark.of(above), Ground::Dark.of(below)), "▀")
    }

    /// Without colours: a sign of a shade.
    pub(super) fn sign(&self, shade: Shade) -> char {
        let steps: &[char] =
            if self.unicode { &['░', '▒', '▓', '█'] } else { &['.', ':', '-', '=', '+', '*', '#', '%', '@'] };
        match shade {
            Shade::Empty => ' ',
            Shade::Undefined => {
                if self.unicode {
                    '∅'
                } else {
                    '?'
                }
            }
            Shade::Right(_) => {
                if self.unicode {
                    '╲'
                } else {
                    '\\'
                }
            }
            Shade::Colored(share) => steps[((share * steps.len() as f64) as usize).min(steps.len() - 1)],
        }
    }
}
