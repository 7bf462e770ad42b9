//! `docs/http.md` has every route that is in the code, and so has the comment of `[http]` in the example.

use std::collections::BTreeSet;

use regex::Regex;

use crate::pages::{first_column, page, texts};

/// `POST /v1/sms`, of every `.route("/v1/sms", post(…))`.
fn routes() -> BTreeSet<String> {
    let route = Regex::new(r#"\.route\(\s*"([^"]+)",\s*([^\n]+)"#).unwrap();
    let method = Regex::new(r"\b(get|post|put|patch|delete)\(").unwrap();
    let mut routes = BTreeSet::new();
    for (path, text) in texts("src", "rs") {
        for found in route.captures_iter(&text) {
            // Of several on one line each has its own methods.
            let handlers = found[2].split(".route(").next().unwrap_or_default();
            let methods: Vec<String> = method.captures_iter(handlers).map(|method| method[1].to_uppercase()).collect();
            assert!(!methods.is_empty(), "{}: what methods has {}?", path.display(), &found[1]);
            routes.extend(methods.into_iter().map(|method| format!("{method} {}", &found[1])));
        }
        for more in text.lines().flat_map(|line| line.split(".route(").skip(2)) {
            let rest = format!(".route({more}");
            let found = route.captures(&rest).expect("a route has a path and a method");
            routes.extend(
                method.captures_iter(&found[2]).map(|method| format!("{} {}", method[1].to_uppercase(), &found[1])),
            );
        }
    }
    routes
}

#[test]
fn the_page_of_routes_has_every_route() {
    let routes = routes();
    assert!(routes.contains("POST /v1/ussd") && routes.contains("GET /v1/topups/{key}"), "{routes:?}");
    assert_eq!(first_column(&page("docs/http.md")), routes);
}

#[test]
fn the_example_names_every_route() {
    let example = page("mbush.example.toml");
    let http = example.split("[http]").nth(1).and_then(|text| text.split("\nlisten").next()).unwrap_or_default();
    let comment = http.replace("\n# ", " ");
    for route in routes() {
        assert!(comment.contains(&route), "`{route}` is not in the comment of [http] in mbush.example.toml: {comment}");
    }
}
