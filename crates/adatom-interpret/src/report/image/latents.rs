//! What the report on one image says of its latents: traversals, clusters, given fields.

use crate::{
    BarFigure, ClusterFigure, ClusterPatchesFigure, CorrelationFigure, Drawing, FieldCorrelation, Figure,
    LatentClusters, MapFigure, Result, TraversalFigure,
};
use crate::{ImageReport, Section, Table};
use adatom_plot::figures::map::panels;
use adatom_plot::text::{count, fixed, significant};

/// What has been given; all of it may be missing.
#[derive(Debug, Clone, Default)]
pub(super) struct LatentParts {
    pub(super) traversals: Option<TraversalFigure>,
    clusters: Option<LatentClusters>,
    cluster_maps: Vec<(String, ClusterFigure)>,
    cluster_patches: Option<ClusterPatchesFigure>,
    tried: Vec<(usize, f64)>,
    correlations: Option<CorrelationFigure>,
    fields: Vec<FieldCorrelation>,
    field_maps: Vec<(String, [MapFigure; 2])>,
}

impl ImageReport {
    /// Strips of patches decoded along each latent variable.
    pub fn traversals(mut self, figure: TraversalFigure) -> Self {
        self.latent_parts.traversals = Some(figure);
        self
    }

    /// Patches in clusters, and what their patches look like.
    pub fn clusters(mut self, clusters: &LatentClusters, patches: ClusterPatchesFigure) -> Self {
        self.latent_parts.clusters = Some(clusters.clone());
        self.latent_parts.cluster_patches = Some(patches);
        self
    }

    /// Adds an image with its clusters; `name` tells it from others and may be empty.
    pub fn cluster_map(mut self, name: impl Into<String>, figure: ClusterFigure) -> Self {
        self.latent_parts.cluster_maps.push((name.into(), figure));
        self
    }

    /// The numbers of clusters that were tried, with their mean silhouettes.
    pub fn clusters_tried(mut self, tried: &[(usize, f64)]) -> Self {
        self.latent_parts.tried = tried.to_vec();
        self
    }

    /// How the latent variables follow given fields.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) when the fields have other numbers of latent variables; without a field
    /// nothing is added.
    pub fn fields(mut self, fields: &[FieldCorrelation]) -> Result<Self> {
        if !fields.is_empty() {
            self.latent_parts.correlations = Some(CorrelationFigure::new(fields.to_vec())?);
            self.latent_parts.fields = fields.to_vec();
        }
        Ok(self)
    }

    /// Adds a field on the image beside what the content latents know of it, such as [`LinearFit`](crate::LinearFit)
    /// says.
    pub fn field_map(mut self, name: impl Into<String>, given: MapFigure, fitted: MapFigure) -> Self {
        self.latent_parts.field_maps.push((name.into(), [given, fitted]));
        self
    }
}

impl LatentParts {
    pub(super) fn cluster_section(&self) -> Option<Section> {
        let clusters = self.clusters.as_ref()?;
        let k = clusters.centres().ncols();
        let header = ["cluster", "patches", "share (%)", "silhouette"].map(str::to_owned).into_iter();
        let mut table = Table::new(header.chain((1..=k).map(|number| format!("content {number}"))));
        let all = clusters.labels().len().max(1) as f64;
        for (cluster, &size) in clusters.sizes().iter().enumerate() {
            let silhouette =
                clusters.silhouettes()[cluster].map_or("–".to_owned(), |value| fixed(value, 2));
            let centre = clusters.centres();
            let content = centre.row(cluster).iter().map(|&value| fixed(value, 2)).collect::<Vec<_>>();
            let share = fixed(100.0 * size as f64 / all, 1);
            table = table
                .row([(cluster + 1).to_string(), count(size), share, silhouette].into_iter().chain(content));
        }
        let mut section = Section::new("Clusters of patches").paragraph(judgement(clusters.silhouette()));
        for (name, figure) in &self.cluster_maps {
            section = section.figure(figure, name.as_str(), "clusters of patches in colour over the image");
        }
        if let Some(figure) = &self.cluster_patches {
            let caption = "The patches of each cluster; columns are clusters.";
            section = section.figure(figure, caption, "pictures of the patches of each cluster");
        }
        if let Some(figure) = self.tried_figure() {
            let caption =
                "How well patches lie in their clusters, by the number of clusters; the largest was taken.";
            section = section.figure(&figure, caption, "mean silhouette for each number of clusters");
        }
        Some(section.table(table).paragraph(
            "k-means on the content latents as they are, in standard deviations of the prior; collapsed latents count \
             for nothing. The table has the mean content of each cluster.",
        ))
    }

    fn tried_figure(&self) -> Option<BarFigure> {
        if self.tried.len() < 2 {
            return None;
        }
        let taken = self.clusters.as_ref().map_or(0, |clusters| clusters.sizes().len());
        let bar = |figure: BarFigure, &(clusters, silhouette): &(usize, f64)| {
            let remark = if clusters == taken { "taken" } else { "" };
            figure.bar(format!("{clusters} clusters"), silhouette, remark)
        };
        Some(self.tried.iter().fold(BarFigure::new("mean silhouette"), bar))
    }

    pub(super) fn field_section(&self) -> Option<Section> {
        let figure = self.correlations.as_ref()?;
        let mut section = Section::new("Compared with given fields");
        for field in &self.fields {
            section = section.paragraph(sentence(field));
        }
        section = section.figure(figure, "", "correlation of each latent variable with each field");
        for (name, maps) in &self.field_maps {
            let caption = format!("{name}: as given at the patches, and as the content latents know it.");
            let alt = format!("map of {name}, and of the linear fit to it");
            section = section.figure(&panels(maps, ""), caption, alt);
        }
        let header = ["field", "latent", "r", "95 %", "Spearman's ρ", "95 %", "worth (patches)", "p"];
        let mut table = Table::new(header);
        for field in &self.fields {
            for latent in field.latents() {
                let both = [latent.pearson, latent.spearman].map(|found| {
                    let [low, high] = found.interval;
                    [fixed(found.r, 2), format!("{} to {}", fixed(low, 2), fixed(high, 2))]
                });
                let [[r, interval], [rho, other]] = both;
                let worth = significant(latent.pearson.effective, 2);
                let p = significant(latent.pearson.p, 2);
                table = table.row([
                    field.field().to_owned(),
                    latent.latent.clone(),
                    r,
                    interval,
                    rho,
                    other,
                    worth,
                    p,
                ]);
            }
        }
        Some(section.table(table))
    }

    pub(super) fn figures(&self) -> Vec<(String, Drawing)> {
        let mut all = Vec::new();
        let mut add =
            |name: String, drawing: Option<Drawing>| all.extend(drawing.map(|drawing| (name, drawing)));
        add("traversals".into(), self.traversals.as_ref().map(Figure::drawing));
        for (name, figure) in &self.cluster_maps {
            let name = super::file_name(&format!("clusters {name}"));
            add(format!("maps/{name}"), Some(figure.drawing()));
        }
        add("cluster-patches".into(), self.cluster_patches.as_ref().map(Figure::drawing));
        add("clusters-tried".into(), self.tried_figure().map(|figure| figure.drawing()));
        add("fields".into(), self.correlations.as_ref().map(Figure::drawing));
        for (name, maps) in &self.field_maps {
            let name = super::file_name(&format!("field {name}"));
            add(format!("maps/{name}"), Some(panels(maps, "")));
        }
        all
    }
}

/// What a mean silhouette says of clusters, after Kaufman and Rousseeuw (1990).
fn judgement(silhouette: f64) -> String {
    let words = match silhouette {
        s if s > 0.5 => "most patches lie clearly in one of the clusters",
        s if s > 0.25 => "the clusters touch each other; their borders may be arbitrary",
        _ => "these are cuts through one cloud rather than clusters",
    };
    format!("The mean silhouette is {}: {words}.", fixed(silhouette, 2))
}

/// What the latents know of a field, in one sentence.
fn sentence(field: &FieldCorrelation) -> String {
    let fit = field.fit();
    let how = match fit.held_out {
        Some(held_out) => format!(
            "{} of the variance on parts of the image that it has not seen ({} of what it was fitted to)",
            fixed(held_out.max(0.0), 2),
            fixed(fit.r_squared, 2)
        ),
        None => format!("{} of the variance, of what it was fitted to", fixed(fit.r_squared, 2)),
    };
    format!(
        "{}: a linear function of the content latents explains {how}; p = {}. {} patches are worth {} independent ones.",
        field.field(),
        significant(fit.p, 2),
        count(field.patches()),
        significant(fit.effective, 2)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silhouettes_are_judged_by_their_size() {
        assert!(judgement(0.7).contains("clearly"));
        assert!(judgement(0.3).contains("arbitrary"));
        assert_eq!(
            judgement(-0.1),
            "The mean silhouette is −0.10: these are cuts through one cloud rather than clusters."
        );
    }
}
