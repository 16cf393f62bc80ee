using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Studies.Spreadsheets;

/// <summary>How the columns of a spreadsheet are read.</summary>
/// <param name="Rows">Number of rows with values.</param>
/// <param name="Mapping">The columns, in the order of the sheet.</param>
/// <param name="Defaults">Members that the query gives, with their values.</param>
/// <param name="Missing">Required members without a column or a default.</param>
/// <param name="Errors">Errors of cells, one per rule and column.</param>
/// <param name="Warnings">Warnings about the sheet.</param>
internal sealed record SheetMappingResponse(int Rows, IReadOnlyList<MappedColumn> Mapping, IReadOnlyDictionary<string, string> Defaults,
    IReadOnlyList<MissingMember> Missing, IReadOnlyList<FieldError> Errors, IReadOnlyList<Warning> Warnings);

/// <summary>A column of a spreadsheet.</summary>
/// <param name="Head">Its header as written.</param>
/// <param name="Member">The member that it is read as, such as <c>citation.year</c> or <c>moderators.quality</c>; null if it is left out.</param>
/// <param name="Example">Its first value; null if it has none.</param>
internal sealed record MappedColumn(string Head, string? Member, string? Example);

/// <summary>A required member without a column.</summary>
/// <param name="Member">Name of the member.</param>
/// <param name="Detail">How to add it.</param>
internal sealed record MissingMember(string Member, string Detail);
