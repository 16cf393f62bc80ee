using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http;

/// <summary>A Host header never decides what addresses an answer has.</summary>
public sealed class PublicAddressTests
{
    private static readonly (string, string) s_evilHost = ("Host", "evil.example");
    private static readonly (string, string)[] s_settings = [("Demo__Load", "true"), ("Access__PublicRead", "true")];

    [Theory]
    [InlineData("/")]
    [InlineData("/meta/citation.bib")]
    [InlineData("/meta/citation.ris")]
    [InlineData("/meta/citation.json")]
    [InlineData("/meta/citation")]
    [InlineData("/meta/report.md")]
    [InlineData("/meta/pool")]
    [InlineData("/meta/pool?nonsense=1")]
    [InlineData("/studies?limit=2")]
    [InlineData("/studies/missing")]
    public async Task A_foreign_host_is_nowhere_in_an_answer(string path)
    {
        await using var service = await Service.StartAsync(s_settings);
        var answer = await service.Get(path, s_evilHost);
        Assert.DoesNotContain("evil", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", answer.Header("Link") ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_public_address_answers_are_absolute_whatever_the_host()
    {
        await using var service = await Service.StartAsync([.. s_settings, ("Public__BaseUrl", "https://evidence.example.org/rr/")]);
        Assert.Equal("https://evidence.example.org/rr/problems/malformed", (await service.Get("/meta/pool?nonsense=1", s_evilHost)).String("type"));
        Assert.Contains("https://evidence.example.org/rr/", (await service.Get("/meta/citation.bib", s_evilHost)).ShouldBe(200).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("evidence.example.org/rr//", (await service.Get("/meta/citation.bib")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_one_the_type_of_a_problem_is_relative_for_a_foreign_host()
    {
        await using var service = await Service.StartAsync(s_settings);
        Assert.Equal("/problems/malformed", (await service.Get("/meta/pool?nonsense=1", s_evilHost)).String("type"));
    }

    [Theory]
    [InlineData("Host", "evil.example", 401)]
    [InlineData("Host", "localhost:1234", 200)]
    [InlineData("Host", "[::1]", 200)]
    [InlineData("X-Forwarded-For", "203.0.113.9", 401)]
    [InlineData("Forwarded", "for=203.0.113.9", 401)]
    public async Task Development_lets_only_this_machine_in_without_a_key(string header, string value, int status)
    {
        await using var service = await Service.StartAsync();
        (await service.Get("/studies", (header, value))).ShouldBe(status);
    }

    [Theory]
    [InlineData("127.0.0.1", "203.0.113.9", 401)]
    [InlineData("127.0.0.0/8, 10.1.0.0/16", "203.0.113.9", 401)]
    [InlineData("127.0.0.1", "127.0.0.1", 200)]
    [InlineData("192.0.2.1", "127.0.0.1", 401)]
    public async Task A_trusted_proxy_names_the_client(string proxies, string client, int status)
    {
        await using var service = await Service.StartAsync(("Http__TrustedProxies", proxies));
        (await service.Get("/studies", ("X-Forwarded-For", client))).ShouldBe(status);
    }
}
