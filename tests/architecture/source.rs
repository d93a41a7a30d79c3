//! A source file as the rules see it: which paths it names, which calls it makes, how long its functions are. Unit
//! tests inside src (`#[cfg(test)]`, `#[test]`) are left out: the rules are about what is shipped.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Something that a file names or calls, and in which line.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The line it starts in.
    pub line: usize,
    /// What it is.
    pub what: What,
}

/// The kinds of things that rules ask for.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A path, resolved through the file's imports: `crate::release::Fleet`, `tokio::time::sleep`.
    Path(String),
    /// A method call, by name.
    Method(String),
    /// Everything of a module or of an enum, imported at once.
    Glob(String),
    /// A macro, by its last name.
    Macro(String),
    /// `async` or `.await`.
    Async,
    /// A function: its name and how many lines it has.
    Function(String, usize),
    /// An item that is neither a module nor an import.
    Logic,
}

/// One file under src.
#[derive(Debug)]
pub struct Source {
    /// From the project's root: `src/decide/mod.rs`.
    pub path: String,
    /// The file itself.
    pub text: String,
    /// What it names and does, tests aside.
    pub facts: Vec<Fact>,
    /// Modules that it declares for tests only: their files are not shipped.
    pub test_modules: BTreeSet<String>,
}

impl Source {
    /// Reads a file's text. Panics if it isn't Rust: then nothing compiles either.
    pub fn parse(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut imports = Imports { module: module_of(path), names: BTreeMap::new() };
        imports.visit_file(&file);
        let mut reader = Reader { imports: &imports, facts: Vec::new(), test_modules: BTreeSet::new() };
        reader.visit_file(&file);
        let (facts, test_modules) = (reader.facts, reader.test_modules);
        Source { path: path.to_owned(), text: text.to_owned(), facts, test_modules }
    }

    /// The module at the top level that the file belongs to: `decide`; `lib` and `main` for the two roots.
    pub fn module(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        below.split(['/', '.']).next().unwrap_or(below)
    }

    /// Every path that the file names, with its line.
    pub fn paths(&self) -> impl Iterator<Item = (&str, usize)> {
        self.facts.iter().filter_map(|fact| match &fact.what {
            What::Path(path) => Some((path.as_str(), fact.line)),
            _ => None,
        })
    }
}

/// The module path of a file: `src/decide/gates.rs` is `crate::decide::gates`.
fn module_of(path: &str) -> Vec<String> {
    let below = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    let root = ["lib", "main"].contains(&below);
    let names = below.split('/').filter(|_| !root).map(str::to_owned);
    std::iter::once("crate".to_owned()).chain(names).collect()
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.segments.last().is_some_and(|last| last.ident == "test"),
        syn::Meta::List(list) if list.path.is_ident("cfg") => names(&list.tokens).any(|name| name == "test"),
        _ => false,
    })
}

fn names(tokens: &TokenStream) -> impl Iterator<Item = String> {
    tokens.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => None,
    })
}

fn item_attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// What each imported name stands for.
struct Imports {
    module: Vec<String>,
    names: BTreeMap<String, Vec<String>>,
}

impl Imports {
    /// A path as the crate's root sees it.
    fn resolve(&self, path: &[String]) -> String {
        let mut whole = match path.first().and_then(|first| self.names.get(first)) {
            Some(imported) => imported.clone(),
            None => Vec::new(),
        };
        let rest = &path[usize::from(!whole.is_empty())..];
        for name in rest {
            match name.as_str() {
                "self" if whole.is_empty() => whole.clone_from(&self.module),
                "super" if whole.is_empty() => whole = self.module[..self.module.len().max(2) - 1].to_vec(),
                "super" => drop(whole.pop()),
                name => whole.push(name.to_owned()),
            }
        }
        whole.join("::")
    }

    fn import(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.import(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.name(before.last(), before),
            syn::UseTree::Name(name) => self.name(Some(&name.ident.to_string()), &with(&name.ident)),
            syn::UseTree::Rename(name) => self.name(Some(&name.rename.to_string()), &with(&name.ident)),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(before, tree)),
            syn::UseTree::Glob(_) => {}
        }
    }

    fn name(&mut self, name: Option<&String>, path: &[String]) {
        let whole = self.resolve(path).split("::").map(str::to_owned).collect();
        if let Some(name) = name {
            self.names.insert(name.clone(), whole);
        }
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(item_attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import(&[], &item.tree);
    }
}

/// Collects the facts.
struct Reader<'a> {
    imports: &'a Imports,
    facts: Vec<Fact>,
    test_modules: BTreeSet<String>,
}

impl Reader<'_> {
    fn add(&mut self, line: usize, what: What) {
        self.facts.push(Fact { line, what });
    }

    fn path(&mut self, line: usize, path: &[String]) {
        let resolved = self.imports.resolve(path);
        self.add(line, What::Path(resolved));
    }

    /// Every path of an import, the glob's module too.
    fn import(&mut self, line: usize, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.import(line, &with(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.path(line, before),
            syn::UseTree::Name(name) => self.path(line, &with(&name.ident)),
            syn::UseTree::Rename(name) => self.path(line, &with(&name.ident)),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(line, before, tree)),
            _ => {
                self.path(line, before);
                self.add(line, What::Glob(self.imports.resolve(before)));
            }
        }
    }

    fn function(&mut self, name: &syn::Ident, whole: proc_macro2::Span, asyncness: bool) {
        let (first, last) = (whole.start().line, whole.end().line);
        self.add(first, What::Function(name.to_string(), last + 1 - first));
        if asyncness {
            self.add(first, What::Async);
        }
    }

    /// What a macro is handed isn't parsed by syn: paths, method calls and macros are found by their tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let punct = |at: usize| match tokens.get(at) {
            Some(TokenTree::Punct(punct)) => punct.as_char(),
            _ => ' ',
        };
        let mut at = 0;
        while at < tokens.len() {
            let line = tokens[at].span().start().line;
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(name) if at > 0 && punct(at - 1) == '.' && name == "await" => {
                    self.add(line, What::Async)
                }
                TokenTree::Ident(name) if at > 0 && punct(at - 1) == '.' => {
                    self.add(line, What::Method(name.to_string()))
                }
                TokenTree::Ident(name) if punct(at + 1) == '!' && punct(at + 2) != '=' => {
                    self.add(line, What::Macro(name.to_string()));
                }
                TokenTree::Ident(name) => {
                    let mut path = vec![name.to_string()];
                    while punct(at + 1) == ':' && punct(at + 2) == ':' {
                        let Some(TokenTree::Ident(next)) = tokens.get(at + 3) else { break };
                        path.push(next.to_string());
                        at += 3;
                    }
                    self.path(line, &path);
                }
                _ => {}
            }
            at += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_test(item_attributes(item)) {
            if let syn::Item::Mod(module) = item {
                self.test_modules.insert(module.ident.to_string());
            }
            return;
        }
        if !matches!(item, syn::Item::Mod(_) | syn::Item::Use(_)) {
            self.add(item.span().start().line, What::Logic);
        }
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import(item.span().start().line, &[], &item.tree);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig.ident, item.span(), item.sig.asyncness.is_some());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            self.function(&item.sig.ident, item.span(), item.sig.asyncness.is_some());
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.function(&item.sig.ident, item.span(), item.sig.asyncness.is_some());
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.path(path.span().start().line, &names);
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.add(call.method.span().start().line, What::Method(call.method.to_string()));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_await(&mut self, expression: &'ast syn::ExprAwait) {
        self.add(expression.span().start().line, What::Async);
        visit::visit_expr_await(self, expression);
    }

    fn visit_expr_async(&mut self, expression: &'ast syn::ExprAsync) {
        self.add(expression.span().start().line, What::Async);
        visit::visit_expr_async(self, expression);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(last) = call.path.segments.last() {
            self.add(call.span().start().line, What::Macro(last.ident.to_string()));
        }
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}
