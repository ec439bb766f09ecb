//! A report as text that is read at a glance.

use crate::Report;
use std::fmt;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({}, {})", self.verdict, self.depth.name(), self.precision)
    }
}
