//! A Rust file as its modules: their items, imports, children and each path that they name.
//!
//! Nothing is resolved here: a path stays the words that the file holds. Code under `#[cfg(test)]` is left
//! out. Paths within the tokens of a macro call or an attribute are read as `a::b::c`.
//!
//! Invariant: each import and each path carries the line on which it stands.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, Meta, UseTree, Visibility};

/// The words of a path; a leading `::` is an empty word.
pub(super) type Words = Vec<String>;

/// The body of a module.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) items: BTreeSet<String>,
    pub(super) uses: Vec<Use>,
    pub(super) paths: Vec<(Words, usize)>,
    pub(super) children: Vec<Child>,
}

/// One leaf of a `use`.
pub(super) struct Use {
    pub(super) path: Words,
    /// The name that it brings into scope, or `*`.
    pub(super) name: String,
    /// Whether it is a re-export.
    pub(super) public: bool,
    pub(super) line: usize,
}

/// A module that a file declares.
pub(super) struct Child {
    pub(super) name: String,
    /// The text of its `#[path]`.
    pub(super) path: Option<String>,
    pub(super) body: Option<Scope>,
}

/// Reads a file.
///
/// # Errors
/// The parser's reason.
pub(super) fn read(text: &str) -> syn::Result<Scope> {
    Ok(scope(&syn::parse_file(text)?.items))
}

fn scope(items: &[Item]) -> Scope {
    let mut scope = Scope::default();
    for item in items {
        scope.visit_item(item);
        if !is_test(attributes(item)) {
            scope.items.extend(declared(item).map(ToString::to_string));
        }
    }
    scope
}

impl<'ast> Visit<'ast> for Scope {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test(attributes(item)) {
            return;
        }
        match item {
            Item::Use(item) => self.import(item),
            Item::Mod(item) => self.children.push(Child {
                name: item.ident.to_string(),
                path: item.attrs.iter().find_map(path_attribute),
                body: item.content.as_ref().map(|(_, items)| scope(items)),
            }),
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut words: Words = path.leading_colon.iter().map(|_| String::new()).collect();
        words.extend(path.segments.iter().map(|segment| segment.ident.to_string()));
        if let Some(first) = path.segments.first() {
            self.paths.push((words, line(&first.ident)));
        }
        visit::visit_path(self, path);
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        self.paths_of(tokens.clone());
    }
}

impl Scope {
    fn import(&mut self, item: &ItemUse) {
        let mut words: Words = item.leading_colon.iter().map(|_| String::new()).collect();
        let public = !matches!(item.vis, Visibility::Inherited);
        self.leaves(&item.tree, &mut words, public);
    }

    fn leaves(&mut self, tree: &UseTree, before: &mut Words, public: bool) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.leaves(&path.tree, before, public);
                before.pop();
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.leaves(tree, before, public));
            }
            UseTree::Name(leaf) => self.leaf(before, &leaf.ident, &leaf.ident, public),
            UseTree::Rename(leaf) => self.leaf(before, &leaf.ident, &leaf.rename, public),
            UseTree::Glob(leaf) => {
                let line = leaf.star_token.spans[0].start().line;
                self.uses.push(Use { path: before.clone(), name: "*".to_owned(), public, line });
            }
        }
    }

    fn leaf(&mut self, before: &[String], ident: &Ident, name: &Ident, public: bool) {
        let mut path = before.to_vec();
        let mut name = name.to_string();
        if ident == "self" {
            // `a::{self}` imports `a`.
            name = if name == "self" { path.last().cloned().unwrap_or(name) } else { name };
        } else {
            path.push(ident.to_string());
        }
        self.uses.push(Use { path, name, public, line: line(ident) });
    }

    /// Each `a::b::c` of a stream of tokens; a name behind a dot is a field or a method.
    fn paths_of(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut dot = false;
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::None => {}
                TokenTree::Group(group) => self.paths_of(group.stream()),
                TokenTree::Ident(first) if !dot => {
                    let mut words = vec![first.to_string()];
                    while let Some(next) = segment(&mut tokens) {
                        words.push(next);
                    }
                    self.paths.push((words, line(&first)));
                }
                TokenTree::Punct(punct) => {
                    dot = punct.as_char() == '.';
                    continue;
                }
                TokenTree::Ident(_) | TokenTree::Literal(_) => {}
            }
            dot = false;
        }
    }
}

/// The next `::name`, if that is what follows.
fn segment<I>(tokens: &mut std::iter::Peekable<I>) -> Option<String>
where
    I: Iterator<Item = TokenTree> + Clone,
{
    let mut ahead = tokens.clone();
    let colon = |token: Option<TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    if !colon(ahead.next()) || !colon(ahead.next()) {
        return None;
    }
    let Some(TokenTree::Ident(name)) = ahead.next() else { return None };
    *tokens = ahead;
    Some(name.to_string())
}

fn line(ident: &Ident) -> usize {
    ident.span().start().line
}

/// Whether an item is compiled for tests alone.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => {
            let tokens = list.tokens.to_string();
            tokens == "test" || (tokens.starts_with("all") && tokens.contains("test"))
        }
        _ => false,
    })
}

fn path_attribute(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let syn::Expr::Lit(literal) = &pair.value else { return None };
    match &literal.lit {
        syn::Lit::Str(text) if pair.path.is_ident("path") => Some(text.value()),
        _ => None,
    }
}

/// The name that an item declares in its module.
fn declared(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::TraitAlias(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
