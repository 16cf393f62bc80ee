using System.Net.Http.Headers;
using System.Text;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>Every operation can be executed in Swagger UI with its example.</summary>
public sealed class OpenApiExampleRequestTests
{
    // Their paths come from responses of the service, so that they cannot have static examples.
    private static readonly string[] s_notRepeatable = ["readImport"];

    [SlowFact("It sends every example of the contract.")]
    public async Task Every_example_request_succeeds()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Access__PublicRead", "true"));
        var operations = OpenApiOperation.ReadAll((await service.Get("/openapi/v1.json")).Json).ToList();
        var pressed = 0;
        // What takes away comes last, as a reader would have it; what reads answers also when a real study has replaced the synthetic ones.
        foreach (var operation in operations.Where(o => o.Method != HttpMethod.Delete)
            .Concat(operations.Where(o => o.Method == HttpMethod.Get)).Concat(operations.Where(o => o.Method == HttpMethod.Delete)))
        {
            foreach (var (path, headers, mediaType, body) in operation.ExampleRequests())
            {
                var content = body is null ? null
                    : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(mediaType!) } };
                var answer = await service.Send(operation.Method, path, content, headers);
                Assert.True(s_notRepeatable.Contains(operation.Id) ? answer.Status == 404 : answer.Status is >= 200 and < 300,
                    $"{operation.Method} {path} ({mediaType}) answers {answer.Status}: {answer.Text}");
                Assert.NotEqual(207, answer.Status);

                pressed++;
            }
        }
        Assert.True(pressed > operations.Count, "the batch has three examples");
    }

    [Fact]
    public void Every_example_request_file_is_named_after_an_operation()
    {
        var document = RepositoryFiles.Read("openapi/openapi.json");
        var files = Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "openapi/examples/requests"));
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Contains($"\"operationId\": \"{Path.GetFileNameWithoutExtension(file)}\"", document, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_example_request_succeeds_again()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Access__PublicRead", "true"));
        var operation = OpenApiOperation.ReadAll((await service.Get("/openapi/v1.json")).Json).Single(o => o.Id == "submitStudy");
        var (path, _, _, body) = operation.ExampleRequests().Single();
        (await service.PostText(path, body!)).ShouldBe(201);
        (await service.PostText(path, body!)).ShouldBe(200);
    }
}
