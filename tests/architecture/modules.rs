//! Which top-level modules of a crate use which: paths that begin with `crate` or climb to the root by
//! `super`.
//!
//! Names that the root re-exports (`pub use error::Error`) count as uses of the module they come from. Tests
//! inside of the sources may use everything.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Modules that use each other, directly or through others; each group once.
pub(crate) fn cycles(sources: &[(&str, &str)]) -> Vec<Vec<String>> {
    let uses = uses(sources);
    let reach = |from: &str| {
        let mut reached = BTreeSet::new();
        let mut open = vec![from.to_owned()];
        while let Some(module) = open.pop() {
            for next in uses.get(&module).into_iter().flatten() {
                if reached.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        reached
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        uses.keys().map(|module| (module, reach(module))).collect();
    let mut groups = BTreeSet::new();
    for (module, reaches) in &reached {
        if reaches.contains(*module) {
            let group =
                reaches.iter().filter(|other| reached.get(other).is_some_and(|back| back.contains(*module)));
            groups.insert(group.cloned().collect::<Vec<_>>());
        }
    }
    groups.into_iter().collect()
}

/// For every top-level module, the other ones that it names.
pub(crate) fn uses(sources: &[(&str, &str)]) -> BTreeMap<String, BTreeSet<String>> {
    let tops: BTreeSet<String> =
        sources.iter().filter_map(|(path, _)| module_of(path)?.first().cloned()).collect();
    let root = sources.iter().find(|(path, _)| matches!(*path, "src/lib.rs" | "src/main.rs"));
    let exported = root.map_or_else(BTreeMap::new, |(_, text)| exports(&tokens(text), &tops));
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources {
        let Some(module) = module_of(path).filter(|module| !module.is_empty()) else { continue };
        let found = uses.entry(module[0].clone()).or_default();
        for name in names_from_root(&tokens(text), module.len()) {
            let top = if tops.contains(&name) { Some(&name) } else { exported.get(&name) };
            found.extend(top.filter(|top| **top != module[0]).cloned());
        }
    }
    uses
}

/// `src/a/b.rs` is the module `a::b`; the root is empty. `None` for tests, examples, and binaries.
fn module_of(path: &str) -> Option<Vec<String>> {
    let inside = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    if inside.starts_with("bin/") || inside.ends_with("/tests") || inside == "tests" {
        return None;
    }
    let mut parts: Vec<String> = inside.split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    Some(parts)
}

fn tokens(text: &str) -> Vec<TokenTree> {
    let stream: TokenStream = text.parse().expect("sources are Rust");
    without_tests(stream.into_iter().collect())
}

/// Leaves out what follows `#[cfg(test)]`, up to the end of its item.
fn without_tests(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let attribute = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        let test = matches!(tokens.peek(), Some(TokenTree::Group(group))
            if attribute && group.stream().to_string().replace(' ', "") == "cfg(test)");
        if test {
            for token in tokens.by_ref() {
                match token {
                    TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
                    _ => {}
                }
            }
        } else {
            kept.push(token);
        }
    }
    kept
}

/// The first names of all paths that start at the crate's root, in a module that lies `depth` below it.
fn names_from_root(tokens: &[TokenTree], depth: usize) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(ident) if ident == "crate" && is_path(tokens, at + 1) => {
                names.extend(firsts(tokens, at + 3));
            }
            TokenTree::Ident(ident) if ident == "super" && is_path(tokens, at + 1) => {
                let mut climbed = 1;
                while matches!(tokens.get(at + 3), Some(TokenTree::Ident(next)) if next == "super")
                    && is_path(tokens, at + 4)
                {
                    (climbed, at) = (climbed + 1, at + 3);
                }
                if climbed == depth {
                    names.extend(firsts(tokens, at + 3));
                }
            }
            TokenTree::Ident(ident) if ident == "mod" => {
                // A module inside of a file lies one deeper.
                if let Some(TokenTree::Group(group)) = tokens.get(at + 2) {
                    let inside: Vec<TokenTree> = without_tests(group.stream().into_iter().collect());
                    names.extend(names_from_root(&inside, depth + 1));
                    at += 2;
                }
            }
            TokenTree::Group(group) => {
                let inside: Vec<TokenTree> = without_tests(group.stream().into_iter().collect());
                names.extend(names_from_root(&inside, depth));
            }
            _ => {}
        }
        at += 1;
    }
    names
}

fn is_path(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    colon(at) && colon(at + 1)
}

/// The name at `at`, or the first names of the paths in the braces there.
fn firsts(tokens: &[TokenTree], at: usize) -> BTreeSet<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => BTreeSet::from([ident.to_string()]),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let inside: Vec<TokenTree> = group.stream().into_iter().collect();
            let comma =
                |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
            inside.split(comma).flat_map(|path| firsts(path, 0)).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// Names that the root re-exports, and the top-level modules they come from.
fn exports(tokens: &[TokenTree], tops: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut exported = BTreeMap::new();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Ident(keyword) = token else { continue };
        let Some(TokenTree::Ident(module)) = tokens.get(at + 1).filter(|_| keyword == "use") else {
            continue;
        };
        if !tops.contains(&module.to_string()) {
            continue;
        }
        let end =
            tokens[at..].iter().position(|token| matches!(token, TokenTree::Punct(p) if p.as_char() == ';'));
        let path = &tokens[at + 1..at + end.unwrap_or(1)];
        for name in lasts(path) {
            exported.insert(name, module.to_string());
        }
    }
    exported
}

/// The last names of the paths of a `use`.
fn lasts(path: &[TokenTree]) -> Vec<String> {
    match path.last() {
        Some(TokenTree::Ident(ident)) => vec![ident.to_string()],
        Some(TokenTree::Group(group)) => {
            let inside: Vec<TokenTree> = group.stream().into_iter().collect();
            let comma =
                |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
            inside.split(comma).flat_map(lasts).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{cycles, uses};

    #[test]
    fn a_cycle_through_a_third_module_is_found() {
        let sources = [
            ("src/lib.rs", "mod a; mod b; mod c; pub use c::{Error, deep::Name};"),
            ("src/a.rs", "use crate::b::Thing;"),
            ("src/b/inner.rs", "use super::super::c;"),
            ("src/c.rs", "fn f() { vec![crate::a::g()]; }"),
        ];
        assert_eq!(cycles(&sources), [["a", "b", "c"]]);
    }

    #[test]
    fn names_of_the_root_count_as_their_modules() {
        let sources = [
            ("src/lib.rs", "mod a; mod c; pub use c::{Error, deep::Name};"),
            ("src/a.rs", "use crate::{Error as Problem, a::x};"),
            ("src/c.rs", "pub use crate::a::Name;"),
        ];
        assert_eq!(cycles(&sources), [["a", "c"]]);
    }

    #[test]
    fn tests_may_use_everything() {
        let sources = [
            ("src/lib.rs", "mod a; mod b;"),
            ("src/a.rs", "#[cfg(test)] mod tests { use crate::b::x; } use super::a;"),
            ("src/b.rs", "use crate::a; mod inner { use super::super::a; use super::y; }"),
            ("src/a/tests.rs", "use crate::b;"),
        ];
        assert_eq!(cycles(&sources), Vec::<Vec<String>>::new());
        assert!(uses(&sources)["b"].contains("a"));
    }
}
