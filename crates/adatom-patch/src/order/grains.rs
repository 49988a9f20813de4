//! Tiles with the same peaks are grains.

use super::Grain;
use super::tile::{Peak, Tile, Tiles};
use crate::lattice::vectors_of;

/// Peaks of two tiles are the same if they differ by at most so many periods per tile.
const SAME: f64 = 0.75;

/// Tiles belong together if this part of the weight of their peaks is the same.
const ALIKE: f64 = 0.6;

/// A grain has at least this part of the ordered tiles.
const LEAST_PART: f64 = 0.04;

/// Weaker peaks, relative to the strongest of a tile, do not distinguish grains.
const WEAKEST: f64 = 0.1;

/// The grains of an image in order of decreasing extent.
pub(super) fn grains(tiles: &Tiles) -> Vec<Grain> {
    let parts = connected(tiles);
    let ordered: usize = parts.iter().map(Vec::len).sum();
    let least = (LEAST_PART * ordered as f64).max(1.0);
    let mut merged: Vec<(Vec<usize>, Vec<MeanPeak>)> = Vec::new();
    let mut large: Vec<Vec<usize>> = parts.into_iter().filter(|part| part.len() as f64 >= least).collect();
    large.sort_by_key(|part| std::cmp::Reverse(part.len()));
    for part in large {
        let peaks = mean_peaks(tiles, &part);
        let frequencies = |peaks: &[MeanPeak]| peaks.iter().map(|peak| peak.peak).collect::<Vec<_>>();
        let same = merged
            .iter()
            .position(|(_, other)| alike(&frequencies(&peaks), &frequencies(other), tiles.side) >= ALIKE);
        match same {
            Some(at) => {
                merged[at].0.extend(part);
                merged[at].1 = mean_peaks(tiles, &merged[at].0);
            }
            None => merged.push((part, peaks)),
        }
    }
    merged.sort_by_key(|(part, _)| std::cmp::Reverse(part.len()));
    merged.into_iter().map(|(part, peaks)| grain(tiles, &part, &peaks)).collect()
}

fn grain(tiles: &Tiles, part: &[usize], peaks: &[MeanPeak]) -> Grain {
    let vectors = vectors_of(peaks.iter().map(|peak| peak.peak.frequency).collect());
    let uncertainty = vectors.map(|vectors| {
        // δa = −a (δk · a) for a wave k that a repeats: frequencies are uncertain by their scatter between
        // tiles, of which neighbours share most of their pixels.
        let independent = (part.len() as f64 / 16.0).max(1.0);
        let error = peaks.iter().map(|peak| peak.scatter).fold(f64::INFINITY, f64::min) / independent.sqrt();
        vectors.map(|vector| {
            let length = vector[0].hypot(vector[1]);
            [error * length * length; 2]
        })
    });
    Grain {
        fraction: part.len() as f64 / tiles.tiles.len() as f64,
        vectors,
        uncertainty,
        spacing: peaks[0].peak.spacing(),
    }
}

/// Ordered tiles in groups of neighbours that are alike.
fn connected(tiles: &Tiles) -> Vec<Vec<usize>> {
    let [rows, columns] = tiles.count;
    let mut group: Vec<Option<usize>> = vec![None; tiles.tiles.len()];
    let mut groups = Vec::new();
    for first in 0..tiles.tiles.len() {
        if group[first].is_some() || tiles.tiles[first].peaks.is_empty() {
            continue;
        }
        let mut members = Vec::new();
        let mut waiting = vec![first];
        group[first] = Some(groups.len());
        while let Some(at) = waiting.pop() {
            members.push(at);
            let (row, column) = (at / columns, at % columns);
            let neighbours = [
                (row > 0).then(|| at - columns),
                (row + 1 < rows).then(|| at + columns),
                (column > 0).then(|| at - 1),
                (column + 1 < columns).then(|| at + 1),
            ];
            for next in neighbours.into_iter().flatten() {
                let (here, there) = (&tiles.tiles[at], &tiles.tiles[next]);
                if group[next].is_none() && !there.peaks.is_empty() && same_order(here, there, tiles.side) {
                    group[next] = Some(groups.len());
                    waiting.push(next);
                }
            }
        }
        groups.push(members);
    }
    groups
}

fn same_order(here: &Tile, there: &Tile, side: usize) -> bool {
    alike(&strong(&here.peaks), &strong(&there.peaks), side) >= ALIKE
}

fn strong(peaks: &[Peak]) -> Vec<Peak> {
    let least = WEAKEST * peaks.first().map_or(0.0, |peak| peak.power);
    peaks.iter().copied().filter(|peak| peak.power >= least).collect()
}

/// The part of the weight of the peaks of both that both have; weights are roots of powers.
fn alike(left: &[Peak], right: &[Peak], side: usize) -> f64 {
    let has = |peaks: &[Peak], wanted: &Peak| peaks.iter().any(|peak| same(peak, wanted, side));
    let (mut shared, mut all) = (0.0, 0.0);
    for (own, other) in [(left, right), (right, left)] {
        let sum: f64 = own.iter().map(|peak| peak.power.sqrt()).sum();
        for peak in own {
            let weight = peak.power.sqrt() / sum;
            all += weight;
            shared += if has(other, peak) { weight } else { 0.0 };
        }
    }
    shared / all
}

fn same(left: &Peak, right: &Peak, side: usize) -> bool {
    let off = |sign: f64| {
        let [down, across] = [0, 1].map(|axis| left.frequency[axis] - sign * right.frequency[axis]);
        down.hypot(across)
    };
    off(1.0).min(off(-1.0)) * side as f64 <= SAME
}

/// The mean of a peak over the tiles of a grain.
struct MeanPeak {
    peak: Peak,
    /// The standard deviation of the frequency along one axis between tiles.
    scatter: f64,
}

/// Peaks that at least half of the tiles have, in order of decreasing power.
fn mean_peaks(tiles: &Tiles, part: &[usize]) -> Vec<MeanPeak> {
    let mut clusters: Vec<Vec<Peak>> = Vec::new();
    for &at in part {
        for &peak in &tiles.tiles[at].peaks {
            let near = clusters.iter_mut().find(|cluster| same(&mean(cluster), &peak, tiles.side));
            match near {
                Some(cluster) => {
                    let first = cluster[0].frequency;
                    let along = first[0] * peak.frequency[0] + first[1] * peak.frequency[1];
                    let frequency = peak.frequency.map(|x| x * along.signum());
                    cluster.push(Peak { frequency, ..peak });
                }
                None => clusters.push(vec![peak]),
            }
        }
    }
    let most = clusters.iter().map(Vec::len).max().unwrap_or(0);
    clusters.retain(|cluster| 2 * cluster.len() >= most);
    let mut found: Vec<MeanPeak> = clusters
        .iter()
        .map(|cluster| {
            let peak = mean(cluster);
            let squares: f64 = cluster
                .iter()
                .map(|one| {
                    (0..2).map(|axis| (one.frequency[axis] - peak.frequency[axis]).powi(2)).sum::<f64>()
                })
                .sum();
            MeanPeak { peak, scatter: (0.5 * squares / cluster.len() as f64).sqrt() }
        })
        .collect();
    found.sort_by(|left, right| right.peak.power.total_cmp(&left.peak.power));
    found
}

/// The mean of peaks, weighted by the roots of their powers.
fn mean(peaks: &[Peak]) -> Peak {
    let weights: f64 = peaks.iter().map(|peak| peak.power.sqrt()).sum();
    let average = |of: &dyn Fn(&Peak) -> f64| {
        peaks.iter().map(|peak| peak.power.sqrt() * of(peak)).sum::<f64>() / weights
    };
    Peak {
        frequency: [average(&|peak| peak.frequency[0]), average(&|peak| peak.frequency[1])],
        ratio: average(&|peak| peak.ratio),
        power: average(&|peak| peak.power),
    }
}
