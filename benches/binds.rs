//! What a thousand idle binds cost `mbush serve` in memory, of 64 MiB that they may.

use std::process::ExitCode;

use testkit::idle;

const BINDS: u64 = 1_000;
const KIB_MAX: u64 = 64 * 1024;

fn main() -> ExitCode {
    let measured = idle::binds(BINDS);
    let idle::Measured { binds, before_kib, bound_kib, idle_again_kib } = measured;
    let each = |kib: u64| kib.saturating_sub(before_kib) / binds;
    println!("resident memory of mbush serve: {before_kib} KiB before the first bind");
    println!("  with {binds} transceivers bound: {bound_kib} KiB, {} KiB for each", each(bound_kib));
    println!("  after each has sent 60,000 octets: {idle_again_kib} KiB, {} KiB for each", each(idle_again_kib));
    if measured.cost_kib() > KIB_MAX {
        println!("more than the {KIB_MAX} KiB that a thousand may cost");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
