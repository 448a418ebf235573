use super::{ALL, FreeForm};

#[test]
fn every_module_is_listed_once_and_its_page_names_its_arguments() {
    let mut seen = std::collections::HashSet::new();
    for module in ALL {
        assert!(
            seen.insert(module.full_name()),
            "{} stands twice",
            module.name
        );
        assert_eq!(module.name, module.name.to_lowercase());
        if module.free_form == FreeForm::AnyKeys {
            continue;
        }
        for arg in module.all_args() {
            assert!(
                module.page.contains(arg.name),
                "the page of `{}` does not name `{}`",
                module.name,
                arg.name
            );
        }
    }
}
