using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Instruments;

/// <summary>The outcome of a declaration: the current instrument, or a problem.</summary>
internal sealed record InstrumentOutcome(int Status, Instrument? Instrument, Problem? Problem);

/// <summary>Stores declarations in a write transaction. Versions are never overwritten.</summary>
internal static class InstrumentStore
{
    /// <summary>201 with a new version; 200 if the declaration equals the current version.</summary>
    public static InstrumentOutcome Declare(WriteTransaction transaction, InstrumentCatalogue catalogue, Rescoring rescoring, string tenant,
        Instrument declaration)
    {
        var instruments = catalogue.GetInstruments(transaction.Connection, tenant);
        var current = instruments.Find(declaration.Code).Instrument;
        var instrument = InstrumentDeclaration.KeepDeclared(declaration, current);
        var content = InstrumentDeclaration.ToCanonicalJson(instrument);
        if (current is not null && InstrumentDeclaration.ToCanonicalJson(InstrumentDeclaration.WithPublishedFacts(current)) == content)
        {
            return new(StatusCodes.Status200OK, current, null);
        }

        if (FindTakenCodings(instruments, instrument) is { Count: > 0 } errors)
        {
            return new(StatusCodes.Status422UnprocessableEntity, null, Problem.Invalid(errors));
        }

        var version = (current?.Version ?? 0) + 1;
        var kind = version == 1 ? ChangeKind.Submitted : ChangeKind.Replaced;
        var declared = InstrumentRow.Insert(transaction, tenant, kind, instrument.Code, version, content).ToInstrument();
        if (current is not null && InstrumentDeclaration.ChangesMeaning(instrument, current))
        {
            UndeclaredItems.Remove(transaction, tenant, declared.Code);
            rescoring.Apply(transaction, tenant, declared);
        }

        return new(StatusCodes.Status201Created, declared, null);
    }

    private static List<FieldError> FindTakenCodings(InstrumentSet instruments, Instrument instrument) =>
        [.. instrument.Codings.Select(c => (Coding: c, Holder: instruments.FindCoding(c.System, c.Code).Instrument))
            .Where(c => c.Holder is { } holder && !holder.Code.Equals(instrument.Code, StringComparison.OrdinalIgnoreCase))
            .Select(c => new FieldError("#/codings", InstrumentErrorCodes.CodingTaken, $"{c.Coding.System} {c.Coding.Code} names {c.Holder!.Code}"))];
}
