using System.Text;
using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Ingest;

/// <summary>Source keys of patients appear in no log and no error.</summary>
public sealed class SessionDataLeakTests
{
    private const string Marker = "canary-5150";

    [Fact]
    public async Task Source_keys_and_rejected_texts_are_neither_logged_nor_returned()
    {
        using var folder = new TemporaryFolder();
        var (service, address) = await ServiceExecutable.ServeAsync(folder, ("ASPNETCORE_ENVIRONMENT", "Development"),
            ("Privacy__Key", ServiceExecutable.PrivacyKey), ("Demo__Load", "false"),
            ("Logging__LogLevel__Default", "Debug"), ("Logging__LogLevel__Microsoft.AspNetCore", "Information"));
        await using (service)
        {
            using var http = new HttpClient { BaseAddress = address };
            var valid = SessionTestData.RelationshipAndOutcome(Marker, $"{Marker}-t", 1, 4, 30);
            string[] bodies =
            [
                valid.ToJsonString(),
                valid.With("measures/0/score", 99).ToJsonString(),
                valid.With("measures/1/score", 31).ToJsonString(),
                valid.With("patient", $"{Marker} Miller").ToJsonString(),
                valid.With("name", Marker).ToJsonString(),
                valid.WithRawText("occurredAt", $"\"{Marker}\""),
                valid.WithRawText("sessionNumber", $"\"{Marker}\""),
                valid.ToJsonString()[..^5],
                new JsonArray(valid.DeepClone(), valid.With("patient", $"{Marker} Miller")).ToJsonString(),
                SessionTestData.EnteredInError($"{Marker}-9").ToJsonString(),
            ];
            foreach (var body in bodies)
            {
                foreach (var type in new[] { "application/json", "application/x-ndjson" })
                {
                    using var response = await http.PostAsync(new Uri("/sessions", UriKind.Relative), new StringContent(body, Encoding.UTF8, type),
                        TestContext.Current.CancellationToken);
                    var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                    // The key of the measure is returned to its sender.
                    Assert.DoesNotContain(Marker,
                        text.Replace($"\"sourceId\":\"{Marker}", "", StringComparison.Ordinal).Replace("name", "", StringComparison.Ordinal),
                        StringComparison.Ordinal);
                }
            }

            var finished = await service.StopAsync();
            Assert.DoesNotContain(Marker, finished.Text, StringComparison.Ordinal);
            Assert.Contains("Information:", finished.Text, StringComparison.Ordinal); // the log was on
        }

        Assert.DoesNotContain(Marker, Encoding.Latin1.GetString(await ReadAsync(folder.StorePath)), StringComparison.Ordinal);
    }

    private static async Task<byte[]> ReadAsync(string path)
    {
        var bytes = new List<byte>();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*"))
        {
            bytes.AddRange(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        }

        return [.. bytes];
    }
}
