using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security.Jwt;

/// <summary>Valid tokens of the configured issuer authenticate; tokens with any single mistake get 401.</summary>
public sealed class JwtAuthenticationTests(JwtAuthenticationTests.TokenService tokens) : IClassFixture<JwtAuthenticationTests.TokenService>
{
    private readonly TestTokenIssuer _issuer = tokens.Issuer;
    private readonly Service _service = tokens.Service;

    public static TheoryData<string> InvalidTokens => [.. s_invalidTokens.Keys];

    // One mistake each.
    private static readonly Dictionary<string, Func<TestTokenIssuer, string>> s_invalidTokens = new()
    {
        ["algorithm none"] = i => TestTokenIssuer.Sign(TestTokenIssuer.Header("none"), i.Claims(), _ => []),
        ["algorithm None"] = i => TestTokenIssuer.Sign(TestTokenIssuer.Header("None"), i.Claims(), _ => []),
        ["public key taken for a secret"] = i =>
            TestTokenIssuer.Sign(TestTokenIssuer.Header("HS256"), i.Claims(),
                bytes => HMACSHA256.HashData(Encoding.ASCII.GetBytes(i.RsaKey.ExportSubjectPublicKeyInfoPem()), bytes)),
        ["modulus taken for a secret"] = i =>
            TestTokenIssuer.Sign(TestTokenIssuer.Header("HS256"), i.Claims(), bytes => HMACSHA256.HashData(i.RsaKey.ExportParameters(false).Modulus!, bytes)),
        ["algorithm that is not pinned"] = i =>
            TestTokenIssuer.Sign(TestTokenIssuer.Header("RS512"), i.Claims(),
                bytes => i.RsaKey.SignData(bytes, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1)),
        ["another audience"] = i => i.RS256Token(With(i.Claims(), "aud", "another-service")),
        ["no audience"] = i => i.RS256Token(With(i.Claims(), "aud", null)),
        ["another issuer"] = i => i.RS256Token(With(i.Claims(), "iss", "https://elsewhere.example")),
        ["no issuer"] = i => i.RS256Token(With(i.Claims(), "iss", null)),
        ["an identity token"] = i => i.RS256Token(head: TestTokenIssuer.Header(type: "id+jwt")),
        ["no type"] = i => i.RS256Token(head: With(TestTokenIssuer.Header(), "typ", null)),
        ["expired"] = i =>
            i.RS256Token(With(With(i.Claims(), "nbf", i.Claims()["iat"]!.GetValue<long>() - 600), "exp", i.Claims()["iat"]!.GetValue<long>() - 61)),
        ["never expires"] = i => i.RS256Token(With(i.Claims(), "exp", null)),
        ["not yet valid"] = i => i.RS256Token(With(i.Claims(), "nbf", i.Claims()["iat"]!.GetValue<long>() + 90)),
        ["unknown key"] = i => i.RS256Token(head: TestTokenIssuer.Header(keyId: "nobody's")),
        ["no key named"] = i => i.RS256Token(head: With(TestTokenIssuer.Header(), "kid", null)),
        ["signature stripped"] = i => i.RS256Token()[..(i.RS256Token().LastIndexOf('.') + 1)],
        ["signature cut off"] = i => i.RS256Token()[..i.RS256Token().LastIndexOf('.')],
        ["signature of another token"] = i =>
            $"{i.RS256Token(i.Claims(scope: "admin"))[..i.RS256Token(i.Claims(scope: "admin")).LastIndexOf('.')]}.{i.RS256Token().Split('.')[2]}",
        ["signed by somebody else"] = i => ForgedToken(i, TestTokenIssuer.Header()),
        ["jku of somebody else"] = i => ForgedToken(i, With(TestTokenIssuer.Header(), "jku", "https://elsewhere.example/keys")),
        ["jku, rightly signed"] = i => i.RS256Token(head: With(TestTokenIssuer.Header(), "jku", "https://elsewhere.example/keys")),
        ["a key of its own"] = i => ForgedToken(i, TestTokenIssuer.Header(), withKey: true),
        ["x5u of somebody else"] = i => ForgedToken(i, With(TestTokenIssuer.Header(), "x5u", "https://elsewhere.example/certificate")),
        ["a header that is critical and unknown"] = i => i.RS256Token(head: With(With(TestTokenIssuer.Header(), "crit", new JsonArray("exp-by")), "exp-by", 1)),
        ["no tenant"] = i => i.RS256Token(With(i.Claims(), "tenant", null)),
        ["several tenants"] = i => i.RS256Token(With(i.Claims(), "tenant", new JsonArray("clinic", "north"))),
        ["a list of one tenant"] = i => i.RS256Token(With(i.Claims(), "tenant", new JsonArray("clinic"))),
        ["a tenant that is no name"] = i => i.RS256Token(With(i.Claims(), "tenant", "a b\nc")),
        ["an elliptic signature under the other key"] = i =>
            TestTokenIssuer.Sign(TestTokenIssuer.Header("ES256", "rsa"), i.Claims(), bytes => i.EcdsaKey.SignData(bytes, HashAlgorithmName.SHA256)),
        ["not a token"] = _ => "x.y.z",
        ["nothing"] = _ => "",
    };

    [Fact]
    public async Task A_valid_token_grants_its_scopes()
    {
        (await Get("/meta/pool", _issuer.RS256Token())).ShouldBe(200);
        (await Get("/meta/pool", _issuer.ES256Token())).ShouldBe(200);
        (await Get("/sessions", _issuer.RS256Token())).ShouldBeProblem(403);
        (await Get("/sessions", _issuer.RS256Token(_issuer.Claims(scope: "openid sessions:read")))).ShouldBe(200);
        (await Get("/meta/pool", _issuer.RS256Token(With(_issuer.Claims(), "scope", new JsonArray("openid", "meta:read"))))).ShouldBe(200);
        (await Get("/meta/pool", _issuer.RS256Token(_issuer.Claims(scope: "meta:readers xmeta:read META:READ")))).ShouldBeProblem(403);
    }

    [Fact]
    public async Task Small_clock_skew_is_tolerated()
    {
        var now = _issuer.Claims()["iat"]!.GetValue<long>();
        (await Get("/meta/pool", _issuer.RS256Token(With(With(_issuer.Claims(), "nbf", now - 60), "exp", now - 10)))).ShouldBe(200);
        (await Get("/meta/pool", _issuer.RS256Token(With(_issuer.Claims(), "nbf", now + 10)))).ShouldBe(200);
    }

    [Theory]
    [MemberData(nameof(InvalidTokens))]
    public async Task An_invalid_token_is_refused(string mistake)
    {
        var answer = (await Get("/meta/pool", s_invalidTokens[mistake](_issuer))).ShouldBeProblem(401);
        Assert.Contains("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Empty(_service.LoggedErrors.ToString());
    }

    [Fact]
    public async Task At_least_twenty_invalid_tokens_are_tried_and_their_valid_base_is_accepted()
    {
        Assert.True(s_invalidTokens.Count >= 20);
        (await Get("/meta/pool", _issuer.RS256Token())).ShouldBe(200);
    }

    [Fact]
    public async Task A_request_with_both_key_and_token_is_refused()
    {
        var key = await ProductionService.CreateKeyAsync(_service, "clinic", [Scopes.Admin]);
        (await _service.Get("/meta/pool", ("X-API-Key", key))).ShouldBe(200);
        (await _service.Get("/meta/pool", ("X-API-Key", key), ("Authorization", $"Bearer {_issuer.RS256Token()}"))).ShouldBeProblem(401);
    }

    [Fact]
    public async Task The_tenant_claim_owns_submitted_studies()
    {
        (string, string) As(string tenant) => ("Authorization", $"Bearer {_issuer.RS256Token(_issuer.Claims(tenant, "studies:write meta:read"))}");
        (await _service.Post("/studies", TestData.Study("by-token"), As("north"))).ShouldBe(201);
        (await _service.Delete("/studies/by-token", As("south"), ("If-Match", "*"))).ShouldBeProblem(403);
        (await _service.Delete("/studies/by-token", As("north"), ("If-Match", "*"))).ShouldBe(204);
    }

    [Fact]
    public async Task Until_the_identity_server_was_reached_only_plausible_tokens_get_503()
    {
        using var folder = new TemporaryFolder();
        string token;
        (string, string)[] settings;
        using (var gone = new TestTokenIssuer())
        {
            (token, settings) = (gone.RS256Token(), gone.Settings);
        }

        await using var service = await Service.StartInAsync(folder, "Production", settings);
        var problem = (await service.Get("/meta/pool", ("Authorization", $"Bearer {token}"))).ShouldBeProblem(503);
        Assert.NotNull(problem.Header("Retry-After"));
        Assert.Equal("The issuer of tokens cannot be reached.", problem.String("detail"));
        foreach (var garbage in new[] { "x.y.z", "", "eyJhbGciOiJub25lIn0.e30.", token[..^20] + "." })
        {
            (await service.Get("/meta/pool", ("Authorization", $"Bearer {garbage}"))).ShouldBeProblem(401);
        }

        foreach (var text in new[] { token, "x.y.z" })
        {
            (await service.Get("/health/live", ("Authorization", $"Bearer {text}"))).ShouldBe(200);
            (await service.Get("/health/ready", ("Authorization", $"Bearer {text}"))).ShouldBe(200);
        }

        Assert.Empty(service.LoggedErrors.ToString());
    }

    [Fact]
    public async Task The_first_token_of_a_new_signing_key_is_valid_also_after_unknown_keys()
    {
        using var folder = new TemporaryFolder();
        using var issuer = new TestTokenIssuer();
        await using var service = await Service.StartInAsync(folder, "Production", [.. issuer.Settings, ("Demo__Load", "true")]);
        async Task<int> Status(string keyId) =>
            (await service.Get("/meta/pool", ("Authorization", $"Bearer {issuer.RS256Token(head: TestTokenIssuer.Header(keyId: keyId))}"))).Status;
        Assert.Equal(200, await Status("rsa"));
        Assert.Equal(Enumerable.Repeat(401, 40), await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Status($"garbage-{i}"))));
        issuer.RsaKeyId = "new";
        Assert.Equal(200, await Status("new"));
        Assert.InRange(issuer.KeyRequests, 3, 6);
    }

    [Fact]
    public async Task Only_tokens_of_operator_clients_may_operate()
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartInAsync(folder, "Production",
            [.. _issuer.Settings, ("Jwt__OperatorClients", "ops, console"), ("Demo__Load", "true")]);
        Task<ServiceResponse> Replace(string claim, string client) => service.Put("/studies/illustration-16",
            JsonNode.Parse(RepositoryFiles.Read("openapi/examples/requests/replaceStudy.json"))!,
            ("Authorization", $"Bearer {_issuer.RS256Token(With(_issuer.Claims("host", "studies:write operator"), claim, client))}"), ("If-Match", "*"));
        (await Replace("client_id", "portal")).ShouldBeProblem(403);
        (await Replace("azp", "op")).ShouldBeProblem(403);
        (await Replace("client_id", "ops")).ShouldBe(200);
        (await Replace("azp", "console")).ShouldBe(200);
    }

    [Fact]
    public async Task Without_a_configured_issuer_tokens_are_refused_even_in_Development()
    {
        await using var service = await Service.StartAsync();
        (await service.Get("/studies")).ShouldBe(200);
        (await service.Get("/studies", ("Authorization", $"Bearer {_issuer.RS256Token()}"))).ShouldBeProblem(401);
    }

    [Theory]
    [InlineData("system/Observation.cu", true)]
    [InlineData("system/*.cruds", true)]
    [InlineData("system/QuestionnaireResponse.write", true)]
    [InlineData("system/Observation.rs", false)]
    [InlineData("patient/Observation.cu", false)]
    [InlineData("system/Patient.write", false)]
    [InlineData("xsystem/Observation.cu", false)]
    public void SMART_scopes_that_create_and_update_grant_session_writes(string scope, bool lets) =>
        Assert.Equal(lets, Scopes.FromTokenScopes(new HashSet<string> { scope }, mayOperate: true).SequenceEqual([Scopes.SessionsWrite]));

    [SlowTheory("It starts processes of the service.")]
    [InlineData("Jwt__Authority", "http://issuer.example", "https")]
    [InlineData("Jwt__Audience", "", "Jwt__Audience")]
    [InlineData("Jwt__Algorithms", "RS256,HS256", "Jwt__Algorithms")]
    [InlineData("Jwt__Algorithms", "none", "Jwt__Algorithms")]
    [InlineData("Jwt__Types", ",", "Jwt__Types")]
    [InlineData("Jwt__Tenant", "two words", "Jwt__Tenant")]
    [InlineData("Jwt__SkewSeconds", "61", "Jwt__SkewSeconds")]
    public async Task Insecure_JWT_settings_are_refused_at_startup(string setting, string value, string reason)
    {
        using var folder = new TemporaryFolder();
        var finished =
            (await ServiceExecutable.RunAsync(folder, [],
                [("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("Privacy__Key", ServiceExecutable.PrivacyKey), .. _issuer.Settings,
                    (setting, value)])).ShouldExitWith(1);
        Assert.Contains(reason, finished.Text, StringComparison.Ordinal);
    }

    private Task<ServiceResponse> Get(string path, string token) => _service.Get(path, ("Authorization", $"Bearer {token}"));

    private static string ForgedToken(TestTokenIssuer issuer, JsonObject head, bool withKey = false)
    {
        using var other = RSA.Create(2048);
        if (withKey)
        {
            head["jwk"] = TestTokenIssuer.PublicKey(other, "rsa");
        }

        return TestTokenIssuer.Sign(head, issuer.Claims(), bytes => other.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static JsonObject With(JsonObject part, string name, JsonNode? value)
    {
        part.Remove(name);
        if (value is not null)
        {
            part[name] = value;
        }

        return part;
    }

    /// <summary>A service in Production that trusts one issuer.</summary>
    public sealed class TokenService : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        internal TestTokenIssuer Issuer { get; } = new();

        public Service Service { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Service = await Service.StartInAsync(_folder, "Production", [.. Issuer.Settings, ("Demo__Load", "true")]);

        public async ValueTask DisposeAsync()
        {
            await Service.DisposeAsync();
            Issuer.Dispose();
            _folder.Dispose();
        }
    }
}
