//! Builds and wires everything from a Config.
