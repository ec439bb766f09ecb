//! The page: one file, nothing fetched.
//!
//! What needs no picture (title, verdict) is written as HTML here; the rest is drawn by `page/*.js` from the island.

use crate::confusion::Input;
use crate::confusion::data::Island;
use crate::confusion::html::MATRIX_SCRIPTS;
use crate::data::Page;
use crate::escape::markup;
use crate::{ReportInput, terminal};
use gradiometer_diagnose::Severity;

const STYLE: &str = concat!(include_str!("page/page.css"), include_str!("page/confusion/confusion.css"));

/// The scripts, in the order in which they are joined into one: what all pictures share, the pictures, the page. Those of
/// the confusion matrix come before the last two.
const SCRIPTS: [&str; 19] = [
    include_str!("page/base.js"),
    include_str!("page/words.js"),
    include_str!("page/scale.js"),
    include_str!("page/frame.js"),
    include_str!("page/controls.js"),
    include_str!("page/phases.js"),
    include_str!("page/lines.js"),
    include_str!("page/curves.js"),
    include_str!("page/heatmap.js"),
    include_str!("page/profile.js"),
    include_str!("page/flow.js"),
    include_str!("page/exponents.js"),
    include_str!("page/ratios.js"),
    include_str!("page/lags.js"),
    include_str!("page/units.js"),
    include_str!("page/norm.js"),
    include_str!("page/findings.js"),
    include_str!("page/facts.js"),
    include_str!("page/page.js"),
];

/// The report as one self-contained HTML file: no network, no fonts, no libraries; it opens from a mail attachment.
///
/// Works for any input, however small, long or broken: without records the pictures are left out, values that are
/// not finite are marked, and labels may hold any characters.
pub fn html(input: &ReportInput) -> String {
    let matrix = input.confusion.map(|matrix| Input::with_basic_metrics(input.name, matrix));
    // Nothing but the matrix itself is given, and that fits itself.
    let island = matrix.as_ref().map(|matrix| Island::new(matrix).expect("a matrix alone is sound"));
    let page = Page::new(input, island);
    // The types behind the island have string keys only and no failing Serialize.
    let json = serde_json::to_string(&page).expect("the page's data is always JSON");
    let plain = terminal::summary(input, &terminal::Terminal { width: 100, color: false, unicode: true });
    let heading = Heading {
        name: input.name,
        class: severity_class(input.verdict.severity),
        badge: verdict_word(input.verdict.severity),
        sentence: &input.verdict.sentence,
        plain: &plain,
    };
    let (pictures, page) = SCRIPTS.split_at(SCRIPTS.len() - 2);
    document(&heading, &json, &[pictures, &MATRIX_SCRIPTS, page].concat())
}

/// What a page says without a script.
pub(crate) struct Heading<'a> {
    /// What it is of.
    pub(crate) name: &'a str,
    /// The class that colours the heading: `ok`, `info`, `warning` or `error`.
    pub(crate) class: &'a str,
    /// A word before the sentence.
    pub(crate) badge: &'a str,
    /// The answer.
    pub(crate) sentence: &'a str,
    /// The whole as text, for where no script runs.
    pub(crate) plain: &'a str,
}

/// A page of this heading, whose pictures `scripts` draw from `json`.
pub(crate) fn document(heading: &Heading<'_>, json: &str, scripts: &[&str]) -> String {
    let Heading { name, class, badge, sentence, plain } = *heading;
    let mut out = String::with_capacity(json.len() + 160_000);
    out.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    // The browser itself is told to fetch nothing, whatever a label or a spec may hold.
    out.push_str(concat!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; ",
        "style-src 'unsafe-inline'; img-src data:\">\n",
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
        "<meta name=\"color-scheme\" content=\"light dark\">\n",
    ));
    out.push_str(&format!("<title>{} · Gradiometer</title>\n<style>\n{STYLE}</style>\n</head>\n", markup(name)));
    out.push_str(&format!(
        "<body>\n<header class=\"verdict {class}\"><div class=\"wide\">\n<p class=\"run\">{}</p>\n\
         <h1><span class=\"badge\">{badge}</span> {}</h1>\n</div></header>\n",
        markup(name),
        markup(sentence),
    ));
    out.push_str("<nav id=\"contents\" aria-label=\"Contents\"></nav>\n<main id=\"page\" class=\"wide\"></main>\n");
    out.push_str(&format!("<noscript><pre class=\"wide\">{}</pre></noscript>\n", markup(plain)));
    out.push_str("<div id=\"tip\" role=\"status\" hidden></div>\n<script type=\"application/json\" id=\"data\">");
    island(json, &mut out);
    out.push_str("</script>\n<script>\n(() => {\n\"use strict\";\n");
    for script in scripts {
        out.push_str(script);
    }
    out.push_str("})();\n</script>\n</body>\n</html>\n");
    out
}

/// The class that colours a severity; the JSON island uses the same words.
pub(crate) fn severity_class(severity: Option<Severity>) -> &'static str {
    match severity {
        None => "ok",
        Some(Severity::Info) => "info",
        Some(Severity::Warning) => "warning",
        Some(Severity::Error) => "error",
    }
}

/// The word for a verdict, which is not that of a finding: without warning or error there may still be notes.
pub(crate) fn verdict_word(severity: Option<Severity>) -> &'static str {
    match severity {
        None => "Healthy",
        Some(Severity::Info) => "No fault found",
        Some(Severity::Warning) => "Warning",
        Some(Severity::Error) => "Error",
    }
}

/// The word for a finding's severity: colour alone would leave some readers out.
pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "Note",
        Severity::Warning => "Warning",
        Severity::Error => "Error",
    }
}

/// JSON that may stand within a script element: `<`, `>` and `&` only ever occur in its strings, where `\u003c` means
/// the same and can neither end the element nor open a comment. U+2028 and U+2029 end a line for older scripts.
fn island(json: &str, out: &mut String) {
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::confusion::html as confusion;

    #[test]
    fn a_label_cannot_end_the_data_island() {
        let label = "</script><!--<script>&amp;\u{2028}\u{2029}é🙂";
        let json = serde_json::to_string(label).unwrap();
        let mut out = String::new();
        island(&json, &mut out);
        assert!(!out.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{out}");
        assert_eq!(serde_json::from_str::<String>(&out).unwrap(), label);
    }

    #[test]
    fn text_of_a_run_is_text_in_the_page() {
        assert_eq!(markup("<b>\"a\" & 'b'</b>"), "&lt;b&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/b&gt;");
    }

    #[test]
    fn no_script_or_style_ends_its_own_element_or_names_an_address_to_fetch() {
        for part in SCRIPTS
            .into_iter()
            .chain(crate::regularize::SCRIPTS)
            .chain(crate::repair::SCRIPTS)
            .chain(MATRIX_SCRIPTS)
            .chain(confusion::SCRIPTS)
            .chain(crate::multilabel::SCRIPTS)
            .chain([STYLE])
        {
            let lower = part.to_lowercase();
            assert!(!lower.contains("</script") && !lower.contains("</style") && !lower.contains("<!--"));
            assert!(!lower.contains("https://") && !lower.contains("@import") && !lower.contains("fetch("));
        }
    }
}
