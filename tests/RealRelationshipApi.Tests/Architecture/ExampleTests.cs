using System.Net.Http.Headers;
using System.Text;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>Every operation in Swagger UI answers when pressed.</summary>
public sealed class ExampleTests
{
    // Their addresses stand in answers of the service, which no example can know.
    private static readonly string[] s_ofOneAnswer = ["readImport"];

    [Fact]
    public async Task Every_example_of_the_document_works_when_pressed()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        var operations = Operation.AllOf((await service.Get("/openapi/v1.json")).Json).ToList();
        var pressed = 0;
        // What takes away comes last, as a reader would have it.
        foreach (var operation in operations.OrderBy(o => o.Method == HttpMethod.Delete))
        {
            foreach (var (path, headers, mediaType, body) in operation.WhenPressed())
            {
                var content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(mediaType!) } };
                var answer = await service.Send(operation.Method, path, content, headers);
                Assert.True(s_ofOneAnswer.Contains(operation.Id) ? answer.Status == 404 : answer.Status is >= 200 and < 300, $"{operation.Method} {path} ({mediaType}) answers {answer.Status}: {answer.Text}");
                if (answer.Status == 207)
                {
                    Assert.Equal(0, answer.Number("rejected"));
                }

                pressed++;
            }
        }
        Assert.True(pressed > operations.Count, "the batch has three examples");
    }

    [Fact]
    public async Task Every_example_of_the_document_works_again()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        var operation = Operation.AllOf((await service.Get("/openapi/v1.json")).Json).Single(o => o.Id == "submitStudy");
        var (path, _, _, body) = operation.WhenPressed().Single();
        (await service.PostText(path, body!)).ShouldBe(201);
        (await service.PostText(path, body!)).ShouldBe(200);
    }
}
