//! The names a project gets: its cluster's folder and its database.

use std::path::Path;

use super::template::short_hash;

/// The cluster of a project: its folder's name, and a hash of the whole path to tell `shop` from `shop`.
pub fn cluster_id(project: &Path) -> String {
    format!("{}-{}", plain(project), short_hash(&project.to_string_lossy()))
}

/// The database of a project: its folder's name in lower case, with nothing that needs quotes.
pub fn database_name(project: &Path) -> String {
    match plain(project) {
        name if matches!(name.as_str(), "postgres" | "template0" | "template1") => name + "_dev",
        name if name.starts_with(|c: char| c.is_ascii_digit()) => format!("db_{name}"),
        name => name,
    }
}

fn plain(project: &Path) -> String {
    let name = project.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(40).collect();
    match plain.trim_matches('_') {
        "" => "app".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_after_its_project() {
        let check = |project: &str, name: &str| assert_eq!(database_name(Path::new(project)), name);
        check("/home/ann/shop", "shop");
        check("/home/ann/Web-Shop 2", "web_shop_2");
        check("/home/ann/2fast", "db_2fast");
        check("/home/ann/postgres", "postgres_dev");
        check("/home/ann/été", "t");
        check("/home/ann/商店", "app");
        check("/", "app");
    }

    #[test]
    fn two_projects_of_one_name_have_two_clusters() {
        let (a, b) = (cluster_id(Path::new("/a/shop")), cluster_id(Path::new("/b/shop")));
        assert!(a.starts_with("shop-") && b.starts_with("shop-") && a != b, "{a} {b}");
    }
}
