//! Queries over tables of files.
