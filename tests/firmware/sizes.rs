//! How large a program is: what its ELF file puts into flash and into RAM.

use std::path::Path;

/// Bytes. The stack takes what is left of the RAM, and is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) flash: usize,
    pub(crate) ram: usize,
}

/// Adds up the sections of an ELF file of 32 bits (System V ABI, chapter 4).
pub(crate) fn measure(file: &Path) -> Size {
    const NOBITS: u32 = 8;
    const WRITE: u32 = 1;
    const ALLOC: u32 = 2;

    let elf = std::fs::read(file).unwrap();
    let half = |at: usize| usize::from(u16::from_le_bytes([elf[at], elf[at + 1]]));
    let word = |at: usize| u32::from_le_bytes(elf[at..at + 4].try_into().unwrap());
    let (table, entry, count, names) = (word(0x20) as usize, half(0x2e), half(0x30), half(0x32));
    let section = |n: usize| table + n * entry;
    let names = word(section(names) + 0x10) as usize;

    let mut size = Size { flash: 0, ram: 0 };
    for at in (0..count).map(section) {
        let (name, kind, flags) = (word(at) as usize, word(at + 4), word(at + 8));
        let bytes = word(at + 0x14) as usize;
        if flags & ALLOC == 0 || elf[names + name..].starts_with(b".stack\0") {
            continue;
        }
        // What is not zero at the start is copied from flash to RAM.
        if kind != NOBITS {
            size.flash += bytes;
        }
        if flags & WRITE != 0 {
            size.ram += bytes;
        }
    }
    size
}
