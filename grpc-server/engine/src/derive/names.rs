//! The names of the columns that a join takes of the other table.
//!
//! Not the names in a formula. Invariant: the columns of the source keep their names.

use std::collections::HashSet;
use std::sync::Arc;

/// The name of a column beside others: one that is taken gets the name of the file in parentheses, and then a number.
pub(super) fn beside(taken: &mut HashSet<Arc<str>>, name: &Arc<str>, file: &str) -> Arc<str> {
    let free = |taken: &HashSet<Arc<str>>, name: Arc<str>| (!taken.contains(&name)).then_some(name);
    let found = free(taken, Arc::clone(name))
        .or_else(|| free(taken, Arc::from(format!("{name} ({file})"))))
        .or_else(|| {
            // One of so many names is free.
            let numbered = |number: usize| Arc::from(format!("{name} ({file} {number})"));
            (2..taken.len() + 3).find_map(|number| free(taken, numbered(number)))
        });
    let found = found.unwrap_or_else(|| Arc::clone(name));
    taken.insert(Arc::clone(&found));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_that_of_the_file() {
        let mut taken: HashSet<Arc<str>> = ["id", "name"].into_iter().map(Arc::from).collect();
        let names = ["name", "price", "name", "price", "name"];
        let names = names.map(|name| beside(&mut taken, &Arc::from(name), "list"));
        let expected = ["name (list)", "price", "name (list 2)", "price (list)", "name (list 3)"];
        assert!(names.iter().map(|name| &**name).eq(expected), "{names:?}");
    }
}
