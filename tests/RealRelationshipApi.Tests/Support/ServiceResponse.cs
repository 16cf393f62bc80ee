using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace RealRelationshipApi.Tests.Support;

/// <summary>A response, read to the end.</summary>
public sealed class ServiceResponse
{
    private readonly HttpResponseMessage _response;

    private ServiceResponse(HttpResponseMessage response, byte[] bytes) => (_response, Bytes) = (response, bytes);

    public int Status => (int)_response.StatusCode;

    public byte[] Bytes { get; }

    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonNode Json => JsonNode.Parse(Bytes)!;

    public string? MediaType => _response.Content.Headers.ContentType?.MediaType;

    public string? ETag => Header("ETag");

    public static async Task<ServiceResponse> FromAsync(HttpResponseMessage response) => new(response, await response.Content.ReadAsByteArrayAsync());

    public string? Header(string name) =>
        (_response.Headers.TryGetValues(name, out var values) || _response.Content.Headers.TryGetValues(name, out values)) ? string.Join(", ", values) : null;

    /// <summary>The member at a path such as <c>studies/0/weight</c>; null where the member is null, a failure where there is none.</summary>
    public JsonNode? At(string path) => Json.At(path);

    public double Number(string path) => At(path)!.GetValue<double>();

    public string String(string path) => At(path)!.GetValue<string>();

    /// <summary>Codes of the warnings.</summary>
    public string[] Warnings => [.. At("warnings")!.AsArray().Select(w => w.At("code")!.GetValue<string>())];

    public ServiceResponse ShouldBe(HttpStatusCode status) => ShouldBe((int)status);

    public ServiceResponse ShouldBe(int status)
    {
        Assert.True(status == Status,
            $"{_response.RequestMessage!.Method} {_response.RequestMessage.RequestUri!.PathAndQuery} should be {status}, but is {Status}: {Text}");
        return this;
    }

    /// <summary>A complete problem document of that status.</summary>
    public ServiceResponse ShouldBeProblem(int status)
    {
        ShouldBe(status);
        Assert.Equal("application/problem+json", MediaType);
        Assert.StartsWith("http", String("type"), StringComparison.Ordinal);
        Assert.Contains("/problems/", String("type"), StringComparison.Ordinal);
        Assert.NotEmpty(String("title"));
        Assert.NotEmpty(String("traceId"));
        Assert.Equal(status, At("status")!.GetValue<int>());
        _ = At("errors")!.AsArray();
        return this;
    }

    /// <summary>A problem with an error at that pointer and of that code.</summary>
    public ServiceResponse ShouldBeProblem(int status, string pointer, string code)
    {
        ShouldBeProblem(status);
        Assert.Contains($"{pointer} {code}", Errors);
        return this;
    }

    /// <summary>The errors of a problem, as <c>pointer code</c>.</summary>
    public string[] Errors => [.. At("errors")!.AsArray().Select(e => $"{e.At("pointer")!.GetValue<string>()} {e.At("code")!.GetValue<string>()}")];

    public AuthenticationHeaderValue? AuthenticateChallenge => _response.Headers.WwwAuthenticate.FirstOrDefault();
}
