//! What happens when the library is loaded.

#![cfg(target_os = "linux")]

use crate::transport::warm_up::warm_up;

/// Runs before any thread of the program can be in a call. See [`warm_up`]. The section is
/// that of ELF.
#[used]
#[unsafe(link_section = ".init_array")]
static CONSTRUCTOR: extern "C" fn() = constructor;

extern "C" fn constructor() {
    super::boundary::guard(|| (), warm_up);
}
