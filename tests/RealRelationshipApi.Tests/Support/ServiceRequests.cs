using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace RealRelationshipApi.Tests.Support;

/// <summary>Requests in a line; none may ever end with a 500. Headers are given as <c>("If-Match", "*")</c>.</summary>
public static class ServiceRequests
{
    public static Task<ServiceResponse> Get(this Service service, string path, params (string Name, string Value)[] headers) =>
        service.Send(HttpMethod.Get, path, null, headers);

    public static Task<ServiceResponse> Post(this Service service, string path, JsonNode body, params (string Name, string Value)[] headers) =>
        service.Send(HttpMethod.Post, path, JsonContent(body.ToJsonString()), headers);

    public static Task<ServiceResponse> PostText(this Service service, string path, string body, string mediaType = "application/json",
        params (string Name, string Value)[] headers) =>
        service.PostBytes(path, Encoding.UTF8.GetBytes(body), mediaType, headers);

    public static Task<ServiceResponse> PostBytes(this Service service, string path, byte[] body, string? mediaType = "application/json",
        params (string Name, string Value)[] headers)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = mediaType is null ? null : MediaTypeHeaderValue.Parse(mediaType);
        return service.Send(HttpMethod.Post, path, content, headers);
    }

    public static Task<ServiceResponse> Put(this Service service, string path, JsonNode body, params (string Name, string Value)[] headers) =>
        service.Send(HttpMethod.Put, path, JsonContent(body.ToJsonString()), headers);

    public static Task<ServiceResponse> Delete(this Service service, string path, params (string Name, string Value)[] headers) =>
        service.Send(HttpMethod.Delete, path, null, headers);

    /// <summary>Posts a study that must be new.</summary>
    public static async Task<ServiceResponse> SubmitStudy(this Service service, JsonNode study) => (await service.Post("/studies", study)).ShouldBe(201);

    /// <summary>The evidence revision, which moves when anything that is pooled does.</summary>
    public static async Task<long> EvidenceRevision(this Service service) => (await service.Get("/meta/references")).ShouldBe(200)
        .At("data/revision")!.GetValue<long>();

    public static async Task<ServiceResponse> Send(this Service service, HttpMethod method, string path, HttpContent? content,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                Assert.True(content!.Headers.TryAddWithoutValidation(name, value), $"{name} is no header");
            }
        }
        using var response = await service.Client.SendAsync(request);
        var answer = await ServiceResponse.FromAsync(response);
        Assert.True(answer.Status != 500, $"{method} {path} failed: {answer.Text}\n{service.LoggedErrors}");
        return answer;
    }

    private static StringContent JsonContent(string json) => new(json, Encoding.UTF8, "application/json");
}
