//! The names of the columns that a join takes of the other table.
//!
//! Not the names in a formula. Invariant: the columns of the source keep their names.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The names of the columns so far.
pub(super) struct Names<'a> {
    taken: HashSet<Arc<str>>,
    /// The next number of a name that is taken, so that many columns with one name take no long search.
    next: HashMap<Arc<str>, u64>,
    /// The name of the other file.
    file: &'a str,
}

impl<'a> Names<'a> {
    pub(super) fn new(taken: HashSet<Arc<str>>, file: &'a str) -> Self {
        Self { taken, next: HashMap::new(), file }
    }

    /// The name of a column of the other table: one that is taken gets the name of its file in parentheses, and then a number.
    pub(super) fn beside(&mut self, name: &Arc<str>) -> Arc<str> {
        let file = self.file;
        if self.taken.insert(Arc::clone(name)) {
            return Arc::clone(name);
        }
        loop {
            let number = self.next.entry(Arc::clone(name)).or_insert(1);
            let made: Arc<str> = Arc::from(match *number {
                1 => format!("{name} ({file})"),
                number => format!("{name} ({file} {number})"),
            });
            *number = number.saturating_add(1);
            if self.taken.insert(Arc::clone(&made)) {
                return made;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_that_of_the_file() {
        let taken = ["id", "name"].into_iter().map(Arc::from).collect();
        let mut names = Names::new(taken, "list");
        let asked = ["name", "price", "name", "price", "name"];
        let names = asked.map(|name| names.beside(&Arc::from(name)));
        let expected = ["name (list)", "price", "name (list 2)", "price (list)", "name (list 3)"];
        assert!(names.iter().map(|name| &**name).eq(expected), "{names:?}");
    }
}
