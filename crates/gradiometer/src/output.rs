//! Where words go: results to standard output, progress to standard error.

use std::io::{self, IsTerminal, Write};

use anyhow::Context;
use serde::Serialize;

use crate::cli::{Format, Global};

/// How a command speaks.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    format: Format,
    quiet: bool,
}

impl Output {
    /// As the global options have it.
    pub fn new(global: &Global) -> Self {
        Self { format: global.format, quiet: global.quiet }
    }

    /// Whether somebody is to be told how it goes.
    pub fn tells_progress(self) -> bool {
        !self.quiet
    }

    /// A line for people, on standard error.
    pub fn note(self, line: &str) {
        if !self.quiet {
            // Somebody who has closed standard error does not want to hear of it.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }

    /// The result: `text` for people or `document` for programs.
    ///
    /// # Errors
    /// Standard output that takes nothing more, other than a pipe whose reader has seen enough.
    pub fn result<D: Serialize>(self, text: impl FnOnce() -> String, document: &D) -> anyhow::Result<()> {
        let bytes = match self.format {
            Format::Human => text().into_bytes(),
            Format::Json => {
                let mut bytes = serde_json::to_vec_pretty(document)?;
                bytes.push(b'\n');
                bytes
            }
        };
        let mut out = io::stdout().lock();
        match out.write_all(&bytes).and_then(|()| out.flush()) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other
                .context("standard output cannot be written; whatever the command made on disk is there nevertheless"),
        }
    }
}

/// Whether standard output is a terminal.
pub fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}
