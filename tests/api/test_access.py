def test_me_names_tenant_scopes_and_clients(provider):
    answer = provider.caller("clients:read").get("/v1/me")

    assert answer.status_code == 200, answer.json
    assert answer.json["tenant"]["slug"] == provider.tenant.slug
    assert answer.json["scopes"] == ["clients:read"]
    assert [client["slug"] for client in answer.json["clients"]] == ["contoso", "northwind"]
