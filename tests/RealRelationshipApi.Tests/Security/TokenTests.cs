using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Security;

/// <summary>Tokens of the operator's issuer let in; whatever only looks like one does not.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Issuer _issuer = new();
    private Service _service = null!;

    public static TheoryData<string> BadTokens => [.. s_bad.Keys];

    // One mistake each; every one of them would let in if the others were all that is looked at.
    private static readonly Dictionary<string, Func<Issuer, string>> s_bad = new()
    {
        ["algorithm none"] = i => Issuer.Sign(Issuer.Head("none"), i.Claims(), _ => []),
        ["algorithm None"] = i => Issuer.Sign(Issuer.Head("None"), i.Claims(), _ => []),
        ["public key taken for a secret"] = i => Issuer.Sign(Issuer.Head("HS256"), i.Claims(), bytes => HMACSHA256.HashData(Encoding.ASCII.GetBytes(i.Rsa.ExportSubjectPublicKeyInfoPem()), bytes)),
        ["modulus taken for a secret"] = i => Issuer.Sign(Issuer.Head("HS256"), i.Claims(), bytes => HMACSHA256.HashData(i.Rsa.ExportParameters(false).Modulus!, bytes)),
        ["algorithm that is not pinned"] = i => Issuer.Sign(Issuer.Head("RS512"), i.Claims(), bytes => i.Rsa.SignData(bytes, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1)),
        ["another audience"] = i => i.Token(With(i.Claims(), "aud", "another-service")),
        ["no audience"] = i => i.Token(With(i.Claims(), "aud", null)),
        ["another issuer"] = i => i.Token(With(i.Claims(), "iss", "https://elsewhere.example")),
        ["no issuer"] = i => i.Token(With(i.Claims(), "iss", null)),
        ["an identity token"] = i => i.Token(head: Issuer.Head(type: "id+jwt")),
        ["no type"] = i => i.Token(head: With(Issuer.Head(), "typ", null)),
        ["expired"] = i => i.Token(With(With(i.Claims(), "nbf", i.Claims()["iat"]!.GetValue<long>() - 600), "exp", i.Claims()["iat"]!.GetValue<long>() - 61)),
        ["never expires"] = i => i.Token(With(i.Claims(), "exp", null)),
        ["not yet valid"] = i => i.Token(With(i.Claims(), "nbf", i.Claims()["iat"]!.GetValue<long>() + 90)),
        ["unknown key"] = i => i.Token(head: Issuer.Head(keyId: "nobody's")),
        ["no key named"] = i => i.Token(head: With(Issuer.Head(), "kid", null)),
        ["signature stripped"] = i => i.Token()[..(i.Token().LastIndexOf('.') + 1)],
        ["signature cut off"] = i => i.Token()[..i.Token().LastIndexOf('.')],
        ["signature of another token"] = i => $"{i.Token(i.Claims(scope: "admin"))[..i.Token(i.Claims(scope: "admin")).LastIndexOf('.')]}.{i.Token().Split('.')[2]}",
        ["signed by somebody else"] = i => Forged(i, Issuer.Head()),
        ["jku of somebody else"] = i => Forged(i, With(Issuer.Head(), "jku", "https://elsewhere.example/keys")),
        ["jku, rightly signed"] = i => i.Token(head: With(Issuer.Head(), "jku", "https://elsewhere.example/keys")),
        ["a key of its own"] = i => Forged(i, Issuer.Head(), withKey: true),
        ["x5u of somebody else"] = i => Forged(i, With(Issuer.Head(), "x5u", "https://elsewhere.example/certificate")),
        ["a header that is critical and unknown"] = i => i.Token(head: With(With(Issuer.Head(), "crit", new JsonArray("exp-by")), "exp-by", 1)),
        ["no tenant"] = i => i.Token(With(i.Claims(), "tenant", null)),
        ["a tenant that is no name"] = i => i.Token(With(i.Claims(), "tenant", "a b\nc")),
        ["an elliptic signature under the other key"] = i => Issuer.Sign(Issuer.Head("ES256", "rsa"), i.Claims(), bytes => i.Ec.SignData(bytes, HashAlgorithmName.SHA256)),
        ["not a token"] = _ => "x.y.z",
        ["nothing"] = _ => "",
    };

    public async ValueTask InitializeAsync() =>
        _service = await Service.StartInAsync(_folder, "Production", [.. _issuer.Settings, ("Demo__Load", "true")]);

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _issuer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_token_of_the_issuer_lets_in_with_its_scopes()
    {
        (await Get("/meta/pool", _issuer.Token())).ShouldBe(200);
        (await Get("/meta/pool", _issuer.EllipticToken())).ShouldBe(200);
        (await Get("/sessions", _issuer.Token())).ShouldBeProblem(403);
        (await Get("/sessions", _issuer.Token(_issuer.Claims(scope: "openid sessions:read")))).ShouldBe(200);
        (await Get("/meta/pool", _issuer.Token(With(_issuer.Claims(), "scope", new JsonArray("openid", "meta:read"))))).ShouldBe(200);
        (await Get("/meta/pool", _issuer.Token(_issuer.Claims(scope: "meta:readers xmeta:read META:READ")))).ShouldBeProblem(403);
    }

    [Fact]
    public async Task Clocks_may_be_a_little_apart()
    {
        var now = _issuer.Claims()["iat"]!.GetValue<long>();
        (await Get("/meta/pool", _issuer.Token(With(With(_issuer.Claims(), "nbf", now - 60), "exp", now - 10)))).ShouldBe(200);
        (await Get("/meta/pool", _issuer.Token(With(_issuer.Claims(), "nbf", now + 10)))).ShouldBe(200);
    }

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task A_bad_token_opens_nothing(string mistake)
    {
        var answer = (await Get("/meta/pool", s_bad[mistake](_issuer))).ShouldBeProblem(401);
        Assert.Contains("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Empty(_service.Errors.ToString());
    }

    [Fact]
    public async Task There_are_twenty_bad_tokens_and_the_good_one_they_were_made_from_is_good()
    {
        Assert.True(s_bad.Count >= 20);
        (await Get("/meta/pool", _issuer.Token())).ShouldBe(200);
    }

    [Fact]
    public async Task Who_brings_a_key_and_a_token_is_asked_for_one()
    {
        var key = await GuardedService.MakeKeyAsync(_service, "clinic", [Scopes.Admin]);
        (await _service.Get("/meta/pool", ("X-API-Key", key))).ShouldBe(200);
        (await _service.Get("/meta/pool", ("X-API-Key", key), ("Authorization", $"Bearer {_issuer.Token()}"))).ShouldBeProblem(401);
    }

    [Fact]
    public async Task The_tenant_of_a_token_owns_what_it_submits()
    {
        (string, string) As(string tenant) => ("Authorization", $"Bearer {_issuer.Token(_issuer.Claims(tenant, "studies:write meta:read"))}");
        (await _service.Post("/studies", A.Study("by-token"), As("north"))).ShouldBe(201);
        (await _service.Delete("/studies/by-token", As("south"), ("If-Match", "*"))).ShouldBeProblem(403);
        (await _service.Delete("/studies/by-token", As("north"), ("If-Match", "*"))).ShouldBe(204);
    }

    [Fact]
    public async Task While_the_issuer_was_never_reached_tokens_are_to_be_sent_again()
    {
        using var folder = new TemporaryFolder();
        string token;
        (string, string)[] settings;
        using (var gone = new Issuer())
        {
            (token, settings) = (gone.Token(), gone.Settings);
        }

        await using var service = await Service.StartInAsync(folder, "Production", settings);
        Assert.NotNull((await service.Get("/meta/pool", ("Authorization", $"Bearer {token}"))).ShouldBeProblem(503).Header("Retry-After"));
    }

    [Fact]
    public async Task A_token_for_a_service_without_issuer_opens_nothing_not_even_in_Development()
    {
        await using var service = await Service.StartAsync();
        (await service.Get("/studies")).ShouldBe(200);
        (await service.Get("/studies", ("Authorization", $"Bearer {_issuer.Token()}"))).ShouldBeProblem(401);
    }

    [Theory]
    [InlineData("system/Observation.cu", true)]
    [InlineData("system/*.cruds", true)]
    [InlineData("system/QuestionnaireResponse.write", true)]
    [InlineData("system/Observation.rs", false)]
    [InlineData("patient/Observation.cu", false)]
    [InlineData("system/Patient.write", false)]
    [InlineData("xsystem/Observation.cu", false)]
    public void SMART_scopes_that_create_and_update_let_measurements_in(string scope, bool lets) =>
        Assert.Equal(lets, Scopes.GrantedBy(new HashSet<string> { scope }).SequenceEqual([Scopes.SessionsWrite]));

    [Theory]
    [InlineData("Jwt__Authority", "http://issuer.example", "https")]
    [InlineData("Jwt__Audience", "", "Jwt__Audience")]
    [InlineData("Jwt__Algorithms", "RS256,HS256", "Jwt__Algorithms")]
    [InlineData("Jwt__Algorithms", "none", "Jwt__Algorithms")]
    [InlineData("Jwt__Types", ",", "Jwt__Types")]
    [InlineData("Jwt__Tenant", "two words", "Jwt__Tenant")]
    [InlineData("Jwt__SkewSeconds", "61", "Jwt__SkewSeconds")]
    public async Task Settings_that_would_let_in_too_many_are_refused(string setting, string value, string reason)
    {
        using var folder = new TemporaryFolder();
        var finished = (await Executable.RunAsync(folder, [], [("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("Privacy__Key", Executable.PrivacyKey), .. _issuer.Settings, (setting, value)])).ShouldExitWith(1);
        Assert.Contains(reason, finished.Text, StringComparison.Ordinal);
    }

    private Task<Answer> Get(string path, string token) => _service.Get(path, ("Authorization", $"Bearer {token}"));

    private static string Forged(Issuer issuer, JsonObject head, bool withKey = false)
    {
        using var other = RSA.Create(2048);
        if (withKey)
        {
            head["jwk"] = Issuer.PublicKey(other, "rsa");
        }

        return Issuer.Sign(head, issuer.Claims(), bytes => other.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
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
}
