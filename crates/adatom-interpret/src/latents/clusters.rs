//! Clusters of patches by their content latents: k-means from several starts.
//!
//! Distances are those of the latents in standard deviations of the prior, without standardisation: a
//! collapsed latent then has no influence, whereas division by its own standard deviation would give its
//! noise full weight.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use adatom_core::permutation;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::Latents;
use super::error::{LatentError, Result};
use super::kmeans::{Solution, distance, means, nearest, solve};
use super::silhouette::silhouettes;

/// The largest number of patches that centres are fitted to, chosen at random.
const FITTED_ON: usize = 20_000;

/// The largest number of patches for silhouettes, chosen at random, because they need all pairs.
const SILHOUETTES_OF: usize = 1000;

/// Settings of k-means clustering of patches.
///
/// ```
/// use adatom_interpret::ClusterParams;
/// let params = ClusterParams::new(4).starts(20).seed(7);
/// assert_eq!(params.clusters(), 4);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterParams {
    clusters: usize,
    starts: usize,
    seed: u64,
}

impl ClusterParams {
    /// A partition into `clusters` clusters.
    pub fn new(clusters: usize) -> Self {
        Self { clusters, starts: 10, seed: 0 }
    }

    /// The number of starts (k-means++), of which the one with the smallest sum of squares is kept. Default:
    /// 10.
    pub fn starts(mut self, starts: usize) -> Self {
        self.starts = starts;
        self
    }

    /// The seed of the starts; the same seed gives the same clusters for any number of threads. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The number of clusters.
    pub fn clusters(&self) -> usize {
        self.clusters
    }

    /// Clusters the patches by their content; the largest cluster is the first.
    ///
    /// # Errors
    /// [`LatentError::Parameter`] for fewer than 2 clusters or no start, or for more clusters than there are
    /// distinct patches; [`LatentError::EmptyCluster`] when no start ends with patches in every cluster.
    pub fn fit(&self, latents: &Latents) -> Result<LatentClusters> {
        let content = latents.content();
        check(self, &content)?;
        let chosen = subset(content.nrows(), FITTED_ON, self.seed);
        let fitted = content.select(Axis(0), &chosen);
        let seed = |start: u64| self.seed.wrapping_add(start.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let starts: Vec<Solution> = (0..self.starts as u64)
            .into_par_iter()
            .filter_map(|start| solve(fitted.view(), self.clusters, seed(start)))
            .collect();
        // The first of equally good ones, so that the number of threads does not matter.
        let best =
            starts.into_iter().reduce(|best, start| if start.squares < best.squares { start } else { best });
        let best = best.ok_or(LatentError::EmptyCluster { clusters: self.clusters, starts: self.starts })?;
        Ok(LatentClusters::new(content, &best.centres, self.seed))
    }

    /// Clusters with every number of clusters in `clusters`, and selects the one with the largest mean
    /// silhouette.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), for any of the numbers; [`LatentError::Parameter`] when there is none.
    pub fn fit_best(&self, clusters: RangeInclusive<usize>, latents: &Latents) -> Result<ClusterSelection> {
        let mut tried = Vec::new();
        let mut best: Option<LatentClusters> = None;
        for clusters in clusters.clone() {
            let found = Self { clusters, ..*self }.fit(latents)?;
            tried.push(ClusterTrial { clusters, silhouette: found.silhouette() });
            if best.as_ref().is_none_or(|best| found.silhouette() > best.silhouette()) {
                best = Some(found);
            }
        }
        let none = || LatentError::Parameter {
            parameter: "clusters",
            expected: "a non-empty range",
            found: format!("{} to {}", clusters.start(), clusters.end()),
        };
        Ok(ClusterSelection { clusters: best.ok_or_else(none)?, tried })
    }
}

/// The number of clusters with the largest mean silhouette.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ClusterSelection {
    /// The clusters selected.
    pub clusters: LatentClusters,
    /// All numbers of clusters that were tried.
    pub tried: Vec<ClusterTrial>,
}

/// A number of clusters that was tried.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ClusterTrial {
    /// The number of clusters.
    pub clusters: usize,
    /// The mean silhouette.
    pub silhouette: f64,
}

impl ClusterTrial {
    /// The mean silhouette of a number of clusters.
    pub fn new(clusters: usize, silhouette: f64) -> Self {
        Self { clusters, silhouette }
    }
}

fn check(params: &ClusterParams, content: &ArrayView2<'_, f64>) -> Result<()> {
    let outside =
        |parameter, expected, found: String| Err(LatentError::Parameter { parameter, expected, found });
    if params.starts == 0 {
        return outside("starts", "at least 1", "0".into());
    }
    if params.clusters < 2 {
        return outside("clusters", "at least 2", params.clusters.to_string());
    }
    let bits = |row: ArrayView1<'_, f64>| row.iter().map(|value| (value + 0.0).to_bits()).collect::<Vec<_>>();
    let mut different = HashSet::new();
    for row in content.rows() {
        different.insert(bits(row));
        if different.len() >= params.clusters {
            return Ok(());
        }
    }
    let found = format!("{} for {} distinct patches", params.clusters, different.len());
    outside("clusters", "at most the number of distinct patches", found)
}

/// At most `most` of n indices, in order.
fn subset(n: usize, most: usize, seed: u64) -> Vec<usize> {
    if n <= most {
        return (0..n).collect();
    }
    let mut chosen = permutation(n, seed, 0);
    chosen.truncate(most);
    chosen.sort_unstable();
    chosen
}

/// Clusters of patches, the largest first.
///
/// k-means always finds the requested number of clusters, also in data without any. A mean silhouette above
/// 0.5 is evidence of clusters, one below 0.25 of none (Kaufman and Rousseeuw, *Finding Groups in Data*,
/// 1990).
///
/// ```
/// use adatom_interpret::{ClusterParams, ImageFrame, Latents, PatchGrid, Window, ndarray::Array2};
/// let grid = PatchGrid::regular([ImageFrame::new(40, 40)], Window::square(4), [4, 4])?;
/// // Patches of the first three rows lie around (2, 2), the others around (-1, 0).
/// let content = Array2::from_shape_fn((grid.len(), 2), |(patch, k)| {
///     let noise = 0.3 * ((7 * patch + 3 * k) as f32).sin();
///     if patch < 30 { 2.0 + noise } else { [-1.0, 0.0][k] + noise }
/// });
/// let latents = Latents::new(&grid, content.view())?;
/// let selection = ClusterParams::new(2).fit_best(2..=5, &latents)?;
/// let clusters = selection.clusters;
/// assert_eq!((clusters.sizes(), clusters.labels()[0]), (&[70, 30][..], 1));
/// assert!(selection.tried.len() == 4 && clusters.silhouette() > 0.7);
///
/// let error = ClusterParams::new(101).fit(&latents).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "clusters must be at most the number of distinct patches, found 101 for 100 distinct patches"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LatentClusters {
    labels: Vec<usize>,
    centres: Array2<f64>,
    sizes: Vec<usize>,
    typical: Vec<usize>,
    silhouettes: Vec<Option<f64>>,
    silhouette: f64,
}

impl LatentClusters {
    /// Every patch belongs to the nearest of `centres`.
    fn new(content: ArrayView2<'_, f64>, centres: &Array2<f64>, seed: u64) -> Self {
        let clusters = centres.nrows();
        let rows: Vec<_> = content.rows().into_iter().collect();
        let found: Vec<usize> = rows.par_iter().map(|row| nearest(*row, centres.view()).cluster).collect();
        let mut sizes = vec![0usize; clusters];
        found.iter().for_each(|&cluster| sizes[cluster] += 1);
        let mut order: Vec<usize> = (0..clusters).collect();
        let first = |cluster: usize| found.iter().position(|&other| other == cluster);
        order.sort_by_key(|&cluster| (std::cmp::Reverse(sizes[cluster]), first(cluster)));
        let rank: Vec<usize> = (0..clusters)
            .map(|cluster| order.iter().position(|&other| other == cluster).unwrap_or(0))
            .collect();
        let labels: Vec<usize> = found.into_iter().map(|cluster| rank[cluster]).collect();
        let sizes: Vec<usize> = order.iter().map(|&cluster| sizes[cluster]).collect();
        let centres = means(content, &labels, clusters);

        let mut typical = vec![(f64::INFINITY, 0); clusters];
        for (patch, (row, &label)) in rows.iter().zip(&labels).enumerate() {
            let here = distance(*row, centres.row(label));
            if here < typical[label].0 {
                typical[label] = (here, patch);
            }
        }
        let judged = subset(content.nrows(), SILHOUETTES_OF, seed);
        let of: Vec<usize> = judged.iter().map(|&patch| labels[patch]).collect();
        let each = silhouettes(content.select(Axis(0), &judged).view(), &of, clusters);
        let mean = |cluster: usize| {
            let own = || each.iter().zip(&of).filter(|(_, label)| **label == cluster).map(|(value, _)| value);
            (own().count() > 0).then(|| own().sum::<f64>() / own().count() as f64)
        };
        Self {
            centres,
            typical: typical.into_iter().map(|(_, patch)| patch).collect(),
            silhouettes: (0..clusters).map(mean).collect(),
            silhouette: each.iter().sum::<f64>() / each.len() as f64,
            labels,
            sizes,
        }
    }

    /// The cluster of each patch, from 0, `[n]`.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The mean content of the patches of each cluster, `[clusters, k]`.
    pub fn centres(&self) -> ArrayView2<'_, f64> {
        self.centres.view()
    }

    /// The number of patches of each cluster, in decreasing order.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The patch of each cluster that is nearest to its centre.
    pub fn typical(&self) -> &[usize] {
        &self.typical
    }

    /// The mean silhouette of all patches, from -1 to 1; of 1000 random ones where there are more.
    pub fn silhouette(&self) -> f64 {
        self.silhouette
    }

    /// The mean silhouette of the patches of each cluster; `None` where none is among those 1000.
    pub fn silhouettes(&self) -> &[Option<f64>] {
        &self.silhouettes
    }

    /// The standard deviation of the content of the patches of each cluster, `[clusters, k]`.
    pub fn spreads(&self, latents: &Latents) -> Array2<f64> {
        let content = latents.content();
        let mut spreads = Array2::zeros(self.centres.dim());
        for (row, &label) in content.rows().into_iter().zip(&self.labels) {
            let deviation: Array1<f64> = &row - &self.centres.row(label);
            let mut spread = spreads.row_mut(label);
            spread += &deviation.mapv(|deviation| deviation * deviation);
        }
        for (mut spread, &size) in spreads.rows_mut().into_iter().zip(&self.sizes) {
            spread.mapv_inplace(|sum| (sum / size.max(1) as f64).sqrt());
        }
        spreads
    }
}

#[cfg(test)]
mod tests {
    use adatom_core::{ImageFrame, PatchGrid, Window};
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;

    fn latents(side: usize, value: impl Fn(usize, usize) -> f32) -> Latents {
        let grid = PatchGrid::regular([ImageFrame::new(side, side)], Window::square(1), [1, 1]).unwrap();
        let content = Array2::from_shape_fn((side * side, 2), |(patch, k)| value(patch, k));
        Latents::new(&grid, content.view()).unwrap()
    }

    /// Uniform between -1 and 1.
    fn noise(patch: usize, k: usize) -> f32 {
        let mut random = ChaCha8Rng::seed_from_u64(patch as u64);
        random.set_stream(k as u64);
        (random.next_u32() >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    }

    #[test]
    fn the_same_seed_gives_the_same_clusters_on_any_number_of_threads() {
        let latents = latents(40, noise);
        let fit = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| ClusterParams::new(5).seed(3).fit(&latents).unwrap())
        };
        assert_eq!(fit(1), fit(3));
        assert!(fit(1).sizes().windows(2).all(|pair| pair[0] >= pair[1]));
    }

    #[test]
    fn labels_are_those_of_the_nearest_centre_and_more_starts_are_not_worse() {
        let latents = latents(30, noise);
        let squares = |clusters: &LatentClusters| -> f64 {
            let rows = latents.content();
            let rows = rows.rows().into_iter().zip(clusters.labels());
            rows.map(|(row, &label)| distance(row, clusters.centres().row(label))).sum()
        };
        let one = ClusterParams::new(6).starts(1).fit(&latents).unwrap();
        let many = ClusterParams::new(6).starts(20).fit(&latents).unwrap();
        assert!(squares(&many) <= squares(&one) + 1e-9);
        for (row, &label) in latents.content().rows().into_iter().zip(many.labels()) {
            let own = distance(row, many.centres().row(label));
            let best =
                many.centres().rows().into_iter().map(|c| distance(row, c)).fold(f64::INFINITY, f64::min);
            assert!(own <= best + 1e-9, "{own} {best}");
        }
    }

    #[test]
    fn clusters_are_found_and_a_single_cloud_has_a_small_silhouette() {
        // Four clouds at the corners of a square of side 4, each uniform and two wide.
        let corners = latents(40, |patch, k| 4.0 * ((patch >> k) % 2) as f32 + noise(patch, k));
        let ClusterSelection { clusters: found, tried } =
            ClusterParams::new(2).fit_best(2..=7, &corners).unwrap();
        assert_eq!((found.sizes(), tried.len()), (&[400; 4][..], 6));
        assert!(found.silhouette() > 0.6, "{}", found.silhouette());
        assert!((0..1600).all(|patch| found.labels()[patch] == found.labels()[patch % 4]));
        let typical = found.typical()[0];
        assert_eq!(found.labels()[typical], 0);
        assert!(found.spreads(&corners).iter().all(|&spread| spread < 0.7));

        let cloud = latents(40, noise);
        assert!(ClusterParams::new(2).fit(&cloud).unwrap().silhouette() < 0.5);
    }

    #[test]
    fn patches_beyond_those_fitted_have_a_cluster() {
        let latents = latents(160, |patch, k| 5.0 * (patch % 2) as f32 + noise(patch, k));
        let found = ClusterParams::new(2).starts(2).fit(&latents).unwrap();
        assert_eq!((found.labels().len(), found.sizes()), (25_600, &[12_800; 2][..]));
    }

    #[test]
    fn impossible_settings_are_refused() {
        // Nine patches, of which three differ.
        let latents = latents(3, |patch, _| (patch % 3) as f32);
        let text = |params: ClusterParams| params.fit(&latents).unwrap_err().to_string();
        assert_eq!(text(ClusterParams::new(1)), "clusters must be at least 2, found 1");
        assert_eq!(text(ClusterParams::new(2).starts(0)), "starts must be at least 1, found 0");
        assert!(text(ClusterParams::new(4)).ends_with("found 4 for 3 distinct patches"));
        assert_eq!(ClusterParams::new(3).fit(&latents).unwrap().sizes(), [3, 3, 3]);
        #[expect(clippy::reversed_empty_ranges, reason = "that is the point")]
        let none = ClusterParams::new(2).fit_best(3..=2, &latents).unwrap_err();
        assert_eq!(none.to_string(), "clusters must be a non-empty range, found 3 to 2");
    }
}
