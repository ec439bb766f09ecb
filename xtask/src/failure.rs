//! The two ways in which a chore ends badly; they differ in their exit code.

/// Why a chore did not do what was asked.
#[derive(Debug, PartialEq)]
pub enum Failure {
    /// The command line asks for something that does not exist: exit code 2, with the help.
    Usage(String),
    /// The chore ran and failed: exit code 1.
    Failed(String),
}

impl Failure {
    /// A failure of the chore itself.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }
}
