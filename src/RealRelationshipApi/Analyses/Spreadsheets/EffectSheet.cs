using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Spreadsheets;
using RealRelationshipApi.Studies.Spreadsheets;

namespace RealRelationshipApi.Analyses.Spreadsheets;

/// <summary>The effects of a sheet.</summary>
/// <param name="Effects">The effects, in the order of the rows that have one.</param>
/// <param name="Measure">Scale of the effects: raw if the sheet has no coefficient that converts to Fisher z; null for the default.</param>
/// <param name="Response">How the columns were read.</param>
internal sealed record EffectSheet(IReadOnlyList<InlineEffect> Effects, EffectMeasure? Measure, SheetMappingResponse Response)
{
    /// <summary>Rows of <see cref="Effects"/>.</summary>
    public IReadOnlyList<SheetRow> Rows { get; init; } = [];

    /// <summary>Errors of headers and options, of missing members, and of cells.</summary>
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>Header of the column that a member of an effect was read from; null for none.</summary>
    public Func<SheetRow, string, string?> HeadOf { get; init; } = (_, _) => null;

    /// <summary>The errors of effects with the places of their cells, one per rule and column, and those of options by their parameters.</summary>
    public IEnumerable<FieldError> WithPlaces(IReadOnlyList<FieldError> errors, string lineName)
    {
        var faults = new SheetFaults(lineName);
        var others = new List<FieldError>();
        foreach (var error in errors)
        {
            if (error.Pointer.Split('/') is ["#", "effects", var index, .. var path] && int.TryParse(index, out var i))
            {
                faults.Add(error.Code, path.Length == 0 ? "" : HeadOf(Rows[i], path[^1]) ?? "", error.Detail, Rows[i].Line);
            }
            else
            {
                others.Add(error.Pointer == "#/effects" ? error with { Pointer = "#" } : ErrorLocation.ToQueryPointer(error));
            }
        }

        return [.. others, .. faults.ToErrors()];
    }
}
