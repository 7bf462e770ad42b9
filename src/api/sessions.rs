//! `GET /v1/smpp/sessions`: the SMPP sessions that are bound, with their counts, for staff.

use axum::Json;

use super::bearer::Bearer;
use super::staff::Staff;
use crate::links::smpp::meter::SessionReport;

pub(super) async fn list(Bearer(staff): Bearer<Staff>) -> Json<Vec<SessionReport>> {
    Json(staff.registry.report())
}
