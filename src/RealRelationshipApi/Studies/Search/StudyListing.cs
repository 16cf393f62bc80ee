using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Search;

/// <summary>What lists of studies filter, sort and search by, derived from the content of a version.</summary>
/// <param name="Kind">Name of its <see cref="StudyKind"/>.</param>
/// <param name="Year">Year of publication.</param>
/// <param name="Search">Key, title, authors, DOI and journal as <see cref="SearchText"/>, one per line.</param>
internal sealed record StudyListing(string Kind, long? Year, string Search)
{
    public static StudyListing Of(StudyBase study)
    {
        var citation = study.Citation;
        string?[] fields = [study.Key, citation.Title, citation.Authors, citation.Doi, citation.Journal];
        return new(EnumNames<StudyKind>.Of(study.Kind), citation.Year, string.Join('\n', fields.OfType<string>().Select(SearchText.Normalize)));
    }
}
