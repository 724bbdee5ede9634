//! Where the kernel meets the operating system it runs on.

mod error;
