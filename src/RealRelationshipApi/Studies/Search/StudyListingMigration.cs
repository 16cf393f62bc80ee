using System.Text.Json;

using Dapper;

using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Search;

/// <summary>Derives what lists filter, sort and search by for versions stored before.</summary>
internal sealed class StudyListingMigration : DataMigration
{
    private const string PageSql = """
        SELECT study_key AS Key, version, content FROM study_version WHERE (study_key, version) > (@Key, @Version)
        ORDER BY study_key, version LIMIT @PageLength
        """;

    private const string UpdateSql =
        "UPDATE study_version SET kind = @Kind, year = @Year, search = @Search WHERE study_key = @Key AND version = @Version";

    public override long Number => MigrationNumbers.StudyInbox;

    public override IReadOnlyList<string> Apply(WriteTransaction transaction)
    {
        foreach (var stored in StudyQueries.ReadPages<Stored, Stored>(new("", 0, ""), row => row,
            after => [.. transaction.Connection.Query<Stored>(PageSql, new { after.Key, after.Version, StudyQueries.PageLength })]))
        {
            if (TryDeserialize(stored.Content) is { } study)
            {
                var listing = StudyListing.Of(study);
                transaction.Enqueue(UpdateSql, new { listing.Kind, listing.Year, listing.Search, stored.Key, stored.Version });
            }
        }

        return [];
    }

    // An altered version keeps the store from nothing but its own analysis; `verify` names it.
    private static StudyRequest? TryDeserialize(string content)
    {
        try
        {
            return JsonSerializer.Deserialize<StudyRequest>(content, StrictJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Stored(string Key, long Version, string Content);
}
