//! The sections of the report on latent variables: clusters and correlations with given fields.

use crate::{
    BarFigure, ClusterFigure, ClusterPatchesFigure, ClusterTrial, CorrelationFigure, Drawing,
    FieldCorrelation, Figure, LatentClusters, MapFigure, TraversalFigure,
};
use crate::{ImageReport, Section, Table};
use adatom_plot::Result;
use adatom_plot::figures::map::panels;
use adatom_plot::text::{count, fixed, significant};

/// The results that have been added.
#[derive(Debug, Clone, Default)]
pub(super) struct LatentParts {
    pub(super) traversals: Option<TraversalFigure>,
    clusters: Option<LatentClusters>,
    cluster_maps: Vec<(String, ClusterFigure)>,
    cluster_patches: Option<ClusterPatchesFigure>,
    trials: Vec<ClusterTrial>,
    correlations: Option<CorrelationFigure>,
    fields: Vec<FieldCorrelation>,
    field_maps: Vec<FieldMaps>,
}

/// A field at the patches, and the linear fit to it.
#[derive(Debug, Clone)]
struct FieldMaps {
    name: String,
    /// Given and fitted.
    maps: [MapFigure; 2],
}

impl ImageReport {
    /// Strips of patches decoded along each latent variable.
    pub fn traversals(mut self, figure: TraversalFigure) -> Self {
        self.latent_parts.traversals = Some(figure);
        self
    }

    /// Clusters of patches, and pictures of their patches.
    pub fn clusters(mut self, clusters: &LatentClusters, patches: ClusterPatchesFigure) -> Self {
        self.latent_parts.clusters = Some(clusters.clone());
        self.latent_parts.cluster_patches = Some(patches);
        self
    }

    /// Adds an image with its clusters; `name` identifies it among several and may be empty.
    pub fn cluster_map(mut self, name: impl Into<String>, figure: ClusterFigure) -> Self {
        self.latent_parts.cluster_maps.push((name.into(), figure));
        self
    }

    /// The numbers of clusters that were tried, with their mean silhouettes.
    pub fn cluster_trials(mut self, trials: &[ClusterTrial]) -> Self {
        self.latent_parts.trials = trials.to_vec();
        self
    }

    /// Correlations of the latent variables with given fields.
    ///
    /// # Errors
    /// [`Error::Shape`](adatom_plot::Error::Shape) when the numbers of latent variables differ. Without a
    /// field nothing is added.
    pub fn fields(mut self, fields: &[FieldCorrelation]) -> Result<Self> {
        if !fields.is_empty() {
            self.latent_parts.correlations = Some(CorrelationFigure::new(fields.to_vec())?);
            self.latent_parts.fields = fields.to_vec();
        }
        Ok(self)
    }

    /// Adds a map of a field beside that of a fit of the content latents to it, such as
    /// [`LinearFit`](crate::LinearFit).
    pub fn field_map(mut self, name: impl Into<String>, given: MapFigure, fitted: MapFigure) -> Self {
        self.latent_parts.field_maps.push(FieldMaps { name: name.into(), maps: [given, fitted] });
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
            let caption = "Patches of each cluster, one column per cluster.";
            section = section.figure(figure, caption, "pictures of the patches of each cluster");
        }
        if let Some(figure) = self.tried_figure() {
            let caption = "Mean silhouette against the number of clusters; the largest was selected.";
            section = section.figure(&figure, caption, "mean silhouette for each number of clusters");
        }
        Some(section.table(table).paragraph(
            "k-means of the content latents in standard deviations of the prior, without standardisation, so \
             that collapsed latents have no influence. The table lists the mean content of each cluster.",
        ))
    }

    fn tried_figure(&self) -> Option<BarFigure> {
        if self.trials.len() < 2 {
            return None;
        }
        let selected = self.clusters.as_ref().map_or(0, |clusters| clusters.sizes().len());
        let bar = |figure: BarFigure, &ClusterTrial { clusters, silhouette }: &ClusterTrial| {
            let remark = if clusters == selected { "selected" } else { "" };
            figure.bar(format!("{clusters} clusters"), silhouette, remark)
        };
        Some(self.trials.iter().fold(BarFigure::new("mean silhouette"), bar))
    }

    pub(super) fn field_section(&self) -> Option<Section> {
        let figure = self.correlations.as_ref()?;
        let mut section = Section::new("Correlation with given fields");
        for field in &self.fields {
            section = section.paragraph(sentence(field));
        }
        section = section.figure(figure, "", "correlation of each latent variable with each field");
        for FieldMaps { name, maps } in &self.field_maps {
            let caption = format!("{name}: at the patches, and linear fit of the content latents.");
            let alt = format!("map of {name}, and of the linear fit to it");
            section = section.figure(&panels(maps, ""), caption, alt);
        }
        let header = ["field", "latent", "r", "95 %", "Spearman's ρ", "95 %", "effective patches", "p"];
        let mut table = Table::new(header);
        for field in &self.fields {
            for latent in field.latents() {
                let both = [latent.pearson, latent.spearman].map(|found| {
                    let [low, high] = found.interval;
                    [fixed(found.r, 2), format!("{} to {}", fixed(low, 2), fixed(high, 2))]
                });
                let [[r, interval], [rho, other]] = both;
                let effective = significant(latent.pearson.effective, 2);
                let p = significant(latent.pearson.p, 2);
                table = table.row([
                    field.field().to_owned(),
                    latent.latent.clone(),
                    r,
                    interval,
                    rho,
                    other,
                    effective,
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
        for FieldMaps { name, maps } in &self.field_maps {
            let name = super::file_name(&format!("field {name}"));
            add(format!("maps/{name}"), Some(panels(maps, "")));
        }
        all
    }
}

/// The interpretation of a mean silhouette after Kaufman and Rousseeuw (1990).
fn judgement(silhouette: f64) -> String {
    let words = match silhouette {
        s if s > 0.5 => "the clusters are well separated",
        s if s > 0.25 => "the clusters overlap, and their boundaries may be arbitrary",
        _ => "the data show no clusters",
    };
    format!("The mean silhouette is {}: {words}.", fixed(silhouette, 2))
}

/// The fit to a field in one sentence.
fn sentence(field: &FieldCorrelation) -> String {
    let fit = field.fit();
    let how = match fit.held_out {
        Some(held_out) => format!(
            "R² = {} on held-out parts of the image (R² = {} on the fitted patches)",
            fixed(held_out.max(0.0), 2),
            fixed(fit.r_squared, 2)
        ),
        None => format!("R² = {} on the fitted patches", fixed(fit.r_squared, 2)),
    };
    format!(
        "{}: the linear fit of all content latents has {how}, p = {}. The effective number of independent \
         patches is {} of {}.",
        field.field(),
        significant(fit.p, 2),
        significant(fit.effective, 2),
        count(field.patches())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silhouettes_are_interpreted_by_their_size() {
        assert!(judgement(0.7).contains("well separated"));
        assert!(judgement(0.3).contains("arbitrary"));
        assert_eq!(judgement(-0.1), "The mean silhouette is −0.10: the data show no clusters.");
    }
}
