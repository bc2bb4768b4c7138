//! `bindgen MODULE.wasm OUT`: writes the JavaScript and TypeScript bindings of a WebAssembly module.
//!
//! What it is not: the wasm-bindgen command. That command also runs tests in browsers and downloads drivers,
//! and takes several times as long to build; this program makes the one call that the project needs.

use std::error::Error;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(module), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bindgen MODULE.wasm OUT".into());
    };
    // A fifth of the bytes that a browser loads are the names of functions, which no page shows. The message of a panic
    // has its file and line all the same.
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).web(true)?.typescript(true);
    bindgen.remove_name_section(true).remove_producers_section(true).generate(out)?;
    Ok(())
}
