//! Datasets and tables on disk.
