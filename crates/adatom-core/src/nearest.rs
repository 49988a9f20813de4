//! The nearest of many points, by buckets: a point set of n takes O(n) to prepare and, where the points are
//! spread evenly, O(1) per query.

/// Points sorted into square buckets that hold about two each.
pub(crate) struct NearestPoint<'a> {
    points: &'a [[f64; 2]],
    origin: [f64; 2],
    side: f64,
    counts: [usize; 2],
    /// Bucket b holds `members[starts[b]..starts[b + 1]]`.
    starts: Vec<u32>,
    members: Vec<u32>,
}

impl<'a> NearestPoint<'a> {
    /// `points` must be finite and at least one.
    pub(crate) fn new(points: &'a [[f64; 2]]) -> Self {
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for point in points {
            for axis in 0..2 {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
        let extent = [high[0] - low[0], high[1] - low[1]];
        let buckets = (points.len() as f64 / 2.0).max(1.0);
        let longest = extent[0].max(extent[1]);
        // Points on one line would make the area, and with it the bucket, vanish.
        let side = (extent[0] * extent[1] / buckets).sqrt().max(longest / buckets).max(1e-9);
        let counts = [0, 1].map(|axis| (extent[axis] / side) as usize + 1);
        let mut grid = Self { points, origin: low, side, counts, starts: Vec::new(), members: Vec::new() };
        let mut starts = vec![0u32; counts[0] * counts[1] + 1];
        for &point in points {
            starts[grid.bucket(point) + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![0u32; points.len()];
        for (index, &point) in points.iter().enumerate() {
            let bucket = grid.bucket(point);
            members[next[bucket] as usize] = index as u32;
            next[bucket] += 1;
        }
        grid.starts = starts;
        grid.members = members;
        grid
    }

    fn cell(&self, point: [f64; 2]) -> [usize; 2] {
        [0, 1].map(|axis| {
            let cell = (point[axis] - self.origin[axis]) / self.side;
            (cell.max(0.0) as usize).min(self.counts[axis] - 1)
        })
    }

    fn bucket(&self, point: [f64; 2]) -> usize {
        let [row, column] = self.cell(point);
        row * self.counts[1] + column
    }

    /// The index of the nearest point; of equally near ones, the first.
    pub(crate) fn of(&self, point: [f64; 2]) -> usize {
        let home = self.cell(point);
        let (mut best, mut best_distance) = (usize::MAX, f64::INFINITY);
        for ring in 0..self.counts[0].max(self.counts[1]) {
            let low = home.map(|cell| cell.saturating_sub(ring));
            let high = [0, 1].map(|axis| (home[axis] + ring).min(self.counts[axis] - 1));
            for row in low[0]..=high[0] {
                let whole = row.abs_diff(home[0]) == ring;
                for column in low[1]..=high[1] {
                    if whole || column.abs_diff(home[1]) == ring {
                        let bucket = row * self.counts[1] + column;
                        for &member in
                            &self.members[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
                        {
                            let index = member as usize;
                            let [dr, dc] = [0, 1].map(|axis| self.points[index][axis] - point[axis]);
                            let distance = dr * dr + dc * dc;
                            if distance < best_distance || (distance == best_distance && index < best) {
                                (best, best_distance) = (index, distance);
                            }
                        }
                    }
                }
            }
            // Whatever lies in a further ring is at least this far from a point inside the home bucket; a
            // point outside all buckets only adds to it.
            let reached = (0..2)
                .map(|axis| {
                    let inside = point[axis] - self.origin[axis] - home[axis] as f64 * self.side;
                    inside.clamp(0.0, self.side).min(self.side - inside.clamp(0.0, self.side))
                })
                .fold(f64::INFINITY, f64::min)
                + ring as f64 * self.side;
            if best != usize::MAX && best_distance <= reached * reached {
                break;
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_looking_at_every_point() {
        // A low-discrepancy set, a line and a cluster with one outlier; queries inside and outside.
        let fraction = |x: f64| x - x.floor();
        let spread: Vec<[f64; 2]> = (0..300)
            .map(|i| [40.0 * fraction(i as f64 * 0.618_034), 7.0 * fraction(i as f64 * 0.754_878)])
            .collect();
        let line: Vec<[f64; 2]> = (0..50).map(|i| [3.0, i as f64]).collect();
        let mut cluster: Vec<[f64; 2]> = (0..80).map(|i| [(i % 9) as f64 * 0.01, i as f64 * 0.01]).collect();
        cluster.push([1000.0, -500.0]);
        for points in [spread, line, cluster, vec![[2.0, 2.0]]] {
            let nearest = NearestPoint::new(&points);
            for i in 0..400 {
                let at = [
                    60.0 * fraction(i as f64 * 0.414_214) - 10.0,
                    60.0 * fraction(i as f64 * 0.732_051) - 5.0,
                ];
                let squared =
                    |index: usize| (points[index][0] - at[0]).powi(2) + (points[index][1] - at[1]).powi(2);
                let best = (0..points.len()).map(squared).fold(f64::INFINITY, f64::min);
                assert_eq!(squared(nearest.of(at)), best, "query {at:?}");
            }
        }
    }
}
