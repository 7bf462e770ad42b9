//! `docs/api.md` has every channel.

use mbush::domain::Channel;

use crate::pages::{has_rows, page, section, set};

#[test]
fn the_page_of_the_api_has_every_channel() {
    let page = page("docs/api.md");
    let (_, table) =
        section(&page, "## Configuration of a client").split_once("| channel |").expect("a table of channels");
    has_rows("docs/api.md (channels)", table, &set(Channel::ALL.iter().map(|channel| channel.as_str())));
}
