//! How a code reaches the person: as a line on standard output.
//!
//! Whoever starts the sandbox has to keep reading that output. A pipe that nobody empties takes
//! more than a thousand codes and then holds up the calls that send another.

use std::io::{self, Write};

use crate::contact::Contact;

/// Brings a code to a contact. Tests put their own in place of [`print_code`].
pub type Deliver = Box<dyn Fn(&Contact, &str) -> io::Result<()> + Send + Sync>;

/// Prints as in `code 123456 for alice@example.com (email)`.
pub fn print_code(contact: &Contact, code: &str) -> io::Result<()> {
    print_line(&format!("code {code} for {contact}"))
}

/// Prints one line at once, also into a pipe or file. `println!` would panic where the reader has
/// gone away.
pub fn print_line(line: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}
