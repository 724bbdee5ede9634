//! Kernels of several sizes, for the compiler to say how large they are.

#![no_std]

use core::mem::size_of;

use postroom::Kernel;

pub static SIZES: [usize; 3] = [
    size_of::<Kernel<4, 8, 256>>(),
    // One task more.
    size_of::<Kernel<5, 8, 256>>(),
    // One channel more.
    size_of::<Kernel<4, 9, 256>>(),
];
