//! A folder of materials: each is a folder with a structure and, for every site with a spectrum, a folder
//! `SITE_ELEMENT` (SITE: index in the structure, from 0) with its spectrum.

use std::fs;
use std::path::{Path, PathBuf};

use adatom_crystal::Element;

use crate::error::Error;

/// The files of one material.
#[derive(Debug, Clone)]
pub(super) struct MaterialFolder {
    /// The name of its folder.
    pub(super) name: String,
    pub(super) folder: PathBuf,
    /// The only structure file.
    pub(super) structure: Option<PathBuf>,
    /// Sites of the element with a spectrum, by index.
    pub(super) sites: Vec<SiteSpectrum>,
}

/// The spectrum of a site.
#[derive(Debug, Clone)]
pub(super) struct SiteSpectrum {
    /// Index in the structure, from 0.
    pub(super) site: usize,
    /// The name of its folder, such as `0_Cu`.
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// The names of the materials' folders, sorted.
pub(super) fn materials(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found: Vec<PathBuf> = entries(folder)?.into_iter().filter(|path| path.is_dir()).collect();
    if found.is_empty() {
        let problem = "expected folders of materials, found none".to_owned();
        return Err(Error::DataSet { path: folder.to_owned(), problem });
    }
    found.sort();
    Ok(found)
}

impl MaterialFolder {
    /// Finds the structure and the spectra in a material's folder.
    pub(super) fn open(folder: &Path, element: Element) -> Result<Self, Error> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (mut structures, mut sites) = (Vec::new(), Vec::new());
        for path in entries(folder)? {
            if path.is_dir() {
                let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if let Some(site) = site_of(&label, element) {
                    let spectrum = only(&path, files(&path)?, "a spectrum")?;
                    sites.push(SiteSpectrum { site, name: label, path: spectrum });
                }
            } else if is_structure(&path) {
                structures.push(path);
            }
        }
        sites.sort_by_key(|site| site.site);
        if let Some(twice) = sites.windows(2).find(|pair| pair[0].site == pair[1].site) {
            let problem =
                format!("two folders for site {}: {} and {}", twice[0].site, twice[0].name, twice[1].name);
            return Err(Error::DataSet { path: folder.to_owned(), problem });
        }
        let structure = match structures.len() {
            0 => None,
            _ => Some(only(folder, structures, "a structure")?),
        };
        Ok(Self { name, folder: folder.to_owned(), structure, sites })
    }
}

/// The site of a folder `SITE_ELEMENT` of this element.
fn site_of(label: &str, element: Element) -> Option<usize> {
    let (site, symbol) = label.split_once('_')?;
    let same = symbol.parse::<Element>().is_ok_and(|found| found == element);
    site.parse().ok().filter(|_| same)
}

fn is_structure(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    ["POSCAR", "CONTCAR"].iter().any(|start| name.starts_with(start))
        || ["cif", "vasp", "poscar", "xyz", "extxyz"].contains(&extension.as_str())
}

fn only(folder: &Path, mut files: Vec<PathBuf>, what: &str) -> Result<PathBuf, Error> {
    match files.len() {
        1 => Ok(files.swap_remove(0)),
        found => {
            let problem = format!("expected {what} in one file, found {found} files");
            Err(Error::DataSet { path: folder.to_owned(), problem })
        }
    }
}

/// Files that are not hidden.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files: Vec<PathBuf> = entries(folder)?.into_iter().filter(|path| path.is_file()).collect();
    // A folder as FEFF leaves it has many files; the spectrum is xmu.dat.
    if files.len() > 1
        && let Some(at) = files.iter().position(|path| path.file_name().is_some_and(|name| name == "xmu.dat"))
    {
        files = vec![files.swap_remove(at)];
    }
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = Error::file(folder);
    let entries =
        fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>()).map_err(failed)?;
    let visible =
        |path: &PathBuf| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'));
    Ok(entries.into_iter().map(|entry| entry.path()).filter(visible).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_folder_names_an_index_and_the_element() {
        let copper: Element = "Cu".parse().unwrap();
        assert_eq!(site_of("12_Cu", copper), Some(12));
        for other in ["12_O", "Cu_12", "-1_Cu", "12", "12_Cu_old"] {
            assert_eq!(site_of(other, copper), None, "{other}");
        }
    }

    #[test]
    fn a_material_has_one_structure_and_one_spectrum_a_site() {
        let folder = tempfile::tempdir().unwrap();
        let material = folder.path().join("mp-1");
        std::fs::create_dir_all(material.join("3_Cu")).unwrap();
        std::fs::create_dir_all(material.join("0_O")).unwrap();
        for file in ["POSCAR", "3_Cu/xmu.dat", "3_Cu/feff.inp", "notes.txt"] {
            std::fs::write(material.join(file), "").unwrap();
        }
        let copper = "Cu".parse().unwrap();
        let found = MaterialFolder::open(&material, copper).unwrap();
        assert_eq!((found.name.as_str(), found.sites.len(), found.sites[0].site), ("mp-1", 1, 3));
        assert!(found.structure.unwrap().ends_with("POSCAR"));
        std::fs::write(material.join("b.cif"), "").unwrap();
        let error = MaterialFolder::open(&material, copper).unwrap_err().to_string();
        assert!(error.ends_with("mp-1: expected a structure in one file, found 2 files"), "{error}");
    }
}
