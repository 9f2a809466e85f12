from qm.settings import unknown_settings


def test_a_typo_is_named_and_what_the_documentation_sets_is_not():
    assert unknown_settings({"QM_PROT": "1", "QM_PORT": "1", "QM_URL": "u", "QM_KEY": "k", "PATH": "p"}) == [
        "QM_PROT"
    ]
