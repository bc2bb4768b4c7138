//! How much a list of commands may repeat, counted before any of it is carried out.
//!
//! Not whether the commands fit the sheet: that is the compiler's question. Invariant: a list that is too
//! long is refused at the cost of counting.

use gridloom::convert;
use gridloom::v1::{self, command::Command as C};
use ot_engine::Limits;

use crate::refusal::Refusal;
use model::limits::edge::LIST_COMMANDS;

/// Refuses a list that repeats something more often than an edit may.
pub fn check_counts(list: &v1::CommandList, limits: &Limits) -> Result<(), Refusal> {
    if list.commands.is_empty() {
        return Err(Refusal::malformed("commands", "at least one command is needed"));
    }
    if list.commands.len() > LIST_COMMANDS {
        let rule = format!("at most {LIST_COMMANDS} commands fit in one list");
        return Err(Refusal::malformed("commands", &rule));
    }
    let mut values = 0;
    for (index, command) in list.commands.iter().enumerate() {
        let within = |refusal: Refusal| refusal.within(&format!("commands[{index}]"));
        match &command.command {
            Some(C::SetCells(set)) => {
                values += set.values.len();
                if values > limits.max_cells as usize {
                    return Err(within(too_many_cells(limits).within("set_cells")));
                }
            }
            Some(C::EditText(edit)) => convert::check_text(&edit.runs, limits)
                .map_err(|error| within(Refusal::malformed("edit_text.runs", &error.rule)))?,
            _ => {}
        }
    }
    Ok(())
}

/// The refusal of a list that writes more cells than an edit may.
pub(super) fn too_many_cells(limits: &Limits) -> Refusal {
    Refusal::malformed("values", &format!("at most {} cells fit in one edit", limits.max_cells))
}
