using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace RealRelationshipApi.Tests.Vocabulary;

/// <summary>Requests in a line; none may ever end with a fault of the service. Headers are given as <c>("If-Match", "*")</c>.</summary>
public static class Requests
{
    public static Task<Answer> Get(this Service service, string path, params (string Name, string Value)[] headers) =>
        service.Send(HttpMethod.Get, path, null, headers);

    public static Task<Answer> Post(this Service service, string path, JsonNode body, params (string Name, string Value)[] headers) =>
        service.Send(HttpMethod.Post, path, JsonContent(body.ToJsonString()), headers);

    public static Task<Answer> PostText(this Service service, string path, string body, string mediaType = "application/json", params (string Name, string Value)[] headers) =>
        service.PostBytes(path, Encoding.UTF8.GetBytes(body), mediaType, headers);

    public static Task<Answer> PostBytes(this Service service, string path, byte[] body, string? mediaType = "application/json", params (string Name, string Value)[] headers)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = mediaType is null ? null : MediaTypeHeaderValue.Parse(mediaType);
        return service.Send(HttpMethod.Post, path, content, headers);
    }

    public static Task<Answer> Put(this Service service, string path, JsonNode body, params (string Name, string Value)[] headers) =>
        service.Send(HttpMethod.Put, path, JsonContent(body.ToJsonString()), headers);

    public static Task<Answer> Delete(this Service service, string path, params (string Name, string Value)[] headers) =>
        service.Send(HttpMethod.Delete, path, null, headers);

    /// <summary>Posts a study that must be new.</summary>
    public static async Task<Answer> Submit(this Service service, JsonNode study) => (await service.Post("/studies", study)).ShouldBe(201);

    /// <summary>The evidence revision, which moves when anything that is pooled does.</summary>
    public static async Task<long> Revision(this Service service) => (await service.Get("/meta/references")).ShouldBe(200).At("data/revision")!.GetValue<long>();

    public static async Task<Answer> Send(this Service service, HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                Assert.True(content!.Headers.TryAddWithoutValidation(name, value), $"{name} is no header");
            }
        }
        using var response = await service.Http.SendAsync(request);
        var answer = await Answer.ReadAsync(response);
        Assert.True(answer.Status != 500, $"{method} {path} failed: {answer.Text}\n{service.Errors}");
        return answer;
    }

    private static StringContent JsonContent(string json) => new(json, Encoding.UTF8, "application/json");
}
