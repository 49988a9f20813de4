//! Clusters of patches by their content latents: k-means of smartcore, from several starts.
//!
//! Distances are those of the latents as they are, in standard deviations of the prior: it gives all of them one scale,
//! in which a collapsed latent counts for nothing. Division by the own spread would blow its noise up to full weight.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use adatom_core::permutation;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use smartcore::cluster::kmeans::{KMeans, KMeansParameters};
use smartcore::linalg::basic::matrix::DenseMatrix;

use super::Latents;
use super::silhouette::silhouettes;
use crate::importance::error::{ImportanceError, Result};

/// Centres are found on so many patches at most, chosen at random.
const LEARNT_ON: usize = 20_000;

/// Silhouettes are those of so many patches at most, chosen at random: all pairs are looked at.
const JUDGED_ON: usize = 1000;

/// Lloyd's steps of a start, of which it rarely needs more than some dozens.
const STEPS: usize = 300;

/// How patches are put into clusters.
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
    /// So many clusters.
    pub fn new(clusters: usize) -> Self {
        Self { clusters, starts: 10, seed: 0 }
    }

    /// Tries so many starts (k-means++), of which the one with the smallest sum of squares is kept. Default: 10.
    pub fn starts(mut self, starts: usize) -> Self {
        self.starts = starts;
        self
    }

    /// The seed of the starts; the same seed gives the same clusters for any number of threads. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many clusters.
    pub fn clusters(&self) -> usize {
        self.clusters
    }

    /// Clusters by the content of all patches; the largest cluster is the first.
    ///
    /// # Errors
    /// [`ImportanceError::Parameter`] for fewer than 2 clusters or no start, or for more clusters than there are
    /// different patches; [`ImportanceError::Model`] when no start ends with patches in every cluster.
    pub fn fit(&self, latents: &Latents) -> Result<LatentClusters> {
        let content = latents.content();
        check(self, &content)?;
        let chosen = some(content.nrows(), LEARNT_ON, self.seed);
        let learnt = content.select(Axis(0), &chosen);
        let rows: Vec<Vec<f64>> = learnt.rows().into_iter().map(|row| row.to_vec()).collect();
        let rows = DenseMatrix::from_2d_vec(&rows).map_err(model)?;
        let starts: Vec<Start> = (0..self.starts as u64)
            .into_par_iter()
            .map(|start| self.start(start, &rows, learnt.view()))
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect();
        // The first of equally good ones, so that the order in which threads end does not matter.
        let best =
            starts.into_iter().reduce(|best, start| if start.squares < best.squares { start } else { best });
        let best = best.ok_or_else(|| model("a cluster stayed empty in every start"))?;
        Ok(LatentClusters::new(content, &best.centres, self.seed))
    }

    /// The number of clusters, of those in `clusters`, for which patches lie best in theirs (largest mean silhouette),
    /// and the mean silhouettes of all.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), for any of the numbers; [`ImportanceError::Parameter`] when there is none.
    pub fn fit_best(
        &self,
        clusters: RangeInclusive<usize>,
        latents: &Latents,
    ) -> Result<(LatentClusters, Vec<(usize, f64)>)> {
        let mut tried = Vec::new();
        let mut best: Option<LatentClusters> = None;
        for clusters in clusters.clone() {
            let found = Self { clusters, ..*self }.fit(latents)?;
            tried.push((clusters, found.silhouette()));
            if best.as_ref().is_none_or(|best| found.silhouette() > best.silhouette()) {
                best = Some(found);
            }
        }
        let none = || ImportanceError::Parameter {
            parameter: "clusters",
            expected: "a range that is not empty",
            found: format!("{} to {}", clusters.start(), clusters.end()),
        };
        Ok((best.ok_or_else(none)?, tried))
    }

    /// One start; `None` when it leaves a cluster without a patch.
    fn start(
        &self,
        start: u64,
        rows: &DenseMatrix<f64>,
        learnt: ArrayView2<'_, f64>,
    ) -> Result<Option<Start>> {
        let seed = Some(self.seed.wrapping_add(start.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let params = KMeansParameters { k: self.clusters, max_iter: STEPS, seed };
        let found = KMeans::<f64, u32, _, Vec<u32>>::fit(rows, params).map_err(model)?;
        // smartcore keeps its centres to itself; they are the means of the rows that it puts to them.
        let labels: Vec<usize> =
            found.predict(rows).map_err(model)?.into_iter().map(|label| label as usize).collect();
        let centres = means(learnt, &labels, self.clusters);
        let squares =
            learnt.rows().into_iter().zip(&labels).map(|(row, &label)| distance(row, centres.row(label)));
        let squares = squares.sum();
        let full = (0..self.clusters).all(|cluster| labels.contains(&cluster));
        Ok(full.then_some(Start { centres, squares }))
    }
}

struct Start {
    centres: Array2<f64>,
    squares: f64,
}

fn check(params: &ClusterParams, content: &ArrayView2<'_, f64>) -> Result<()> {
    let outside =
        |parameter, expected, found: String| Err(ImportanceError::Parameter { parameter, expected, found });
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
    let found = format!("{} for {} different ones", params.clusters, different.len());
    outside("clusters", "no more than there are different patches", found)
}

fn model(problem: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImportanceError {
    ImportanceError::Model { doing: "fitted", source: problem.into() }
}

/// So many of n at most, in order.
fn some(n: usize, most: usize, seed: u64) -> Vec<usize> {
    if n <= most {
        return (0..n).collect();
    }
    let mut chosen = permutation(n, seed, 0);
    chosen.truncate(most);
    chosen.sort_unstable();
    chosen
}

/// The squared distance of two rows.
fn distance(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// Mean of the rows of each cluster; 0 for one without rows.
fn means(rows: ArrayView2<'_, f64>, labels: &[usize], clusters: usize) -> Array2<f64> {
    let mut sums = Array2::zeros((clusters, rows.ncols()));
    let mut sizes = vec![0usize; clusters];
    for (row, &label) in rows.rows().into_iter().zip(labels) {
        let mut sum = sums.row_mut(label);
        sum += &row;
        sizes[label] += 1;
    }
    for (mut sum, &size) in sums.rows_mut().into_iter().zip(&sizes) {
        sum /= size.max(1) as f64;
    }
    sums
}

/// Patches in clusters by their content latents, the largest cluster first.
///
/// k-means always finds as many clusters as it is asked for, also in a cloud without any: the silhouettes say whether
/// they are clusters. Above 0.5 they mostly are, below 0.25 they are cuts through one cloud (Kaufman and Rousseeuw,
/// *Finding Groups in Data*, 1990).
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
/// let (clusters, tried) = ClusterParams::new(2).fit_best(2..=5, &latents)?;
/// assert_eq!((clusters.sizes(), clusters.labels()[0]), (&[70, 30][..], 1));
/// assert!(tried.len() == 4 && clusters.silhouette() > 0.7);
///
/// let error = ClusterParams::new(101).fit(&latents).unwrap_err();
/// assert_eq!(error.to_string(), "clusters must be no more than there are different patches, found 101 for 100 different ones");
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
    /// Every patch goes to the nearest of `centres`.
    fn new(content: ArrayView2<'_, f64>, centres: &Array2<f64>, seed: u64) -> Self {
        let clusters = centres.nrows();
        let rows: Vec<_> = content.rows().into_iter().collect();
        let nearest = |row: &ArrayView1<'_, f64>| {
            let distances = centres.rows().into_iter().map(|centre| distance(*row, centre));
            distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(cluster, _)| cluster)
        };
        let found: Vec<usize> = rows.par_iter().map(nearest).collect();
        let mut sizes = vec![0usize; clusters];
        found.iter().for_each(|&cluster| sizes[cluster] += 1);
        let mut order: Vec<usize> = (0..clusters).collect();
        let first = |cluster: usize| found.iter().position(|&other| other == cluster);
        order.sort_by_key(|&cluster| (std::cmp::Reverse(sizes[cluster]), first(cluster)));
        let place: Vec<usize> = (0..clusters)
            .map(|cluster| order.iter().position(|&other| other == cluster).unwrap_or(0))
            .collect();
        let labels: Vec<usize> = found.into_iter().map(|cluster| place[cluster]).collect();
        let sizes: Vec<usize> = order.iter().map(|&cluster| sizes[cluster]).collect();
        let centres = means(content, &labels, clusters);

        let mut typical = vec![(f64::INFINITY, 0); clusters];
        for (patch, (row, &label)) in rows.iter().zip(&labels).enumerate() {
            let here = distance(*row, centres.row(label));
            if here < typical[label].0 {
                typical[label] = (here, patch);
            }
        }
        let judged = some(content.nrows(), JUDGED_ON, seed);
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

    /// How many patches each cluster has, falling.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The patch of each cluster that is nearest to its centre.
    pub fn typical(&self) -> &[usize] {
        &self.typical
    }

    /// The mean silhouette of all patches (of 1000 at random where there are more), from -1 to 1.
    pub fn silhouette(&self) -> f64 {
        self.silhouette
    }

    /// The mean silhouette of the patches of each cluster; `None` where none of them was among those 1000.
    pub fn silhouettes(&self) -> &[Option<f64>] {
        &self.silhouettes
    }

    /// The standard deviation of the content of the patches of each cluster, `[clusters, k]`.
    pub fn spreads(&self, latents: &Latents) -> Array2<f64> {
        let content = latents.content();
        let mut spreads = Array2::zeros(self.centres.dim());
        for (row, &label) in content.rows().into_iter().zip(&self.labels) {
            let away: Array1<f64> = &row - &self.centres.row(label);
            let mut spread = spreads.row_mut(label);
            spread += &away.mapv(|away| away * away);
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
    fn clusters_that_are_there_are_found_and_a_cloud_is_known_as_one() {
        // Four clouds at the corners of a square of side 4, each uniform and two wide.
        let corners = latents(40, |patch, k| 4.0 * ((patch >> k) % 2) as f32 + noise(patch, k));
        let (found, tried) = ClusterParams::new(2).fit_best(2..=7, &corners).unwrap();
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
    fn more_patches_than_are_learnt_on_all_have_a_cluster() {
        let latents = latents(160, |patch, k| 5.0 * (patch % 2) as f32 + noise(patch, k));
        let found = ClusterParams::new(2).starts(2).fit(&latents).unwrap();
        assert_eq!((found.labels().len(), found.sizes()), (25_600, &[12_800; 2][..]));
    }

    #[test]
    fn what_cannot_be_clustered_is_refused() {
        // Nine patches, of which three differ.
        let latents = latents(3, |patch, _| (patch % 3) as f32);
        let text = |params: ClusterParams| params.fit(&latents).unwrap_err().to_string();
        assert_eq!(text(ClusterParams::new(1)), "clusters must be at least 2, found 1");
        assert_eq!(text(ClusterParams::new(2).starts(0)), "starts must be at least 1, found 0");
        assert!(text(ClusterParams::new(4)).ends_with("found 4 for 3 different ones"));
        assert_eq!(ClusterParams::new(3).fit(&latents).unwrap().sizes(), [3, 3, 3]);
        #[expect(clippy::reversed_empty_ranges, reason = "that is the point")]
        let none = ClusterParams::new(2).fit_best(3..=2, &latents).unwrap_err();
        assert_eq!(none.to_string(), "clusters must be a range that is not empty, found 3 to 2");
    }
}
