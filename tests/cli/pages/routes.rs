//! `docs/http.md` is made of the table of routes; the pages of interfaces have each route.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use mbush::api::{Access, Effect, ROUTES, Route};

use crate::pages::{first_column, is_made, page, set};

/// `POST /v1/sms`
fn shown(route: &Route) -> String {
    format!("{} {}", route.method.as_str(), route.path)
}

const fn caller(access: Access) -> &'static str {
    match access {
        Access::Public => "none",
        Access::OfGateway => "gateway",
        Access::OfLink => "link",
        Access::OfClient => "client",
        Access::OfStaff => "staff",
    }
}

#[test]
fn the_page_of_routes_has_every_route() {
    let mut table =
        "| route | caller | changes | `route` in metrics | description |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for route in ROUTES {
        let changes = if route.effect == Effect::Writes { "yes" } else { "no" };
        let (caller, name, about, page) = (caller(route.access), route.name, route.about, route.page);
        let file = page.split('#').next().unwrap_or_default();
        writeln!(table, "| `{}` | {caller} | {changes} | `{name}` | {about} ([{file}]({page})) |", shown(route))
            .unwrap();
    }
    is_made("docs/http.md", "the routes", &table);
}

#[test]
fn every_route_has_a_name_of_its_own_and_a_place_on_a_page() {
    let names: BTreeSet<&str> = ROUTES.iter().map(|route| route.name).collect();
    assert_eq!(names.len(), ROUTES.len(), "{names:?}");
    for route in ROUTES {
        let (file, place) = route.page.split_once('#').unwrap_or((route.page, ""));
        let page = page(&format!("docs/{file}"));
        let anchor = |line: &str| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().replace(' ', "-")
        };
        let is_there =
            place.is_empty() || page.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == place);
        assert!(is_there, "{}: docs/{file} has no heading #{place}", shown(route));
    }
}

#[test]
fn the_page_of_the_api_has_every_route_of_clients() {
    let of_clients = ROUTES.iter().filter(|route| route.access == Access::OfClient);
    let told = first_column(&page("docs/api.md"));
    for route in of_clients.map(|route| shown(route).replace("{key}", "KEY")) {
        assert!(told.contains(&route), "docs/api.md does not tell of {route}");
    }
    let known = set(ROUTES.iter().map(|route| shown(route).replace("{key}", "KEY")));
    let unknown: Vec<_> = told.iter().filter(|cell| cell.contains(" /") && !known.contains(*cell)).collect();
    assert!(unknown.is_empty(), "docs/api.md tells of routes that are not there: {unknown:?}");
}
