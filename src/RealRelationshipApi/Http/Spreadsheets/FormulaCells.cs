using System.IO.Compression;
using System.Xml;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Spreadsheets;

/// <summary>Formulas and errors of a worksheet, which the reader of values does not tell from other cells.</summary>
internal sealed class FormulaCells
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    private static readonly XmlReaderSettings s_settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreWhitespace = true };

    private readonly HashSet<string> _withoutValue = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _errors = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _first = [];
    private int _count;

    private FormulaCells()
    {
    }

    public IReadOnlyList<Warning> Warnings => _count == 0 ? [] :
    [
        new("formulas", $"{_count} {(_count == 1 ? "cell is a formula" : "cells are formulas")} ({NameList.Of(_first)}); the values stored in the workbook "
            + "were read."),
    ];

    /// <summary>Finds the formulas of a sheet.</summary>
    /// <param name="workbook">The workbook; its position is kept.</param>
    /// <param name="sheetName">Name of the sheet.</param>
    public static FormulaCells Of(Stream workbook, string sheetName)
    {
        var position = workbook.Position;
        try
        {
            workbook.Position = 0;
            using var archive = new ZipArchive(workbook, ZipArchiveMode.Read, leaveOpen: true);
            var cells = new FormulaCells();
            if (FindPart(archive, sheetName) is { } part)
            {
                cells.Read(part);
            }

            return cells;
        }
        finally
        {
            workbook.Position = position;
        }
    }

    /// <param name="row">Row from 1.</param>
    /// <param name="column">Column from 0.</param>
    public bool IsWithoutValue(long row, int column) => _withoutValue.Count > 0 && _withoutValue.Contains($"{ColumnName(column)}{row}");

    /// <summary>The error of a cell, such as <c>#DIV/0!</c>; null for none.</summary>
    /// <inheritdoc cref="IsWithoutValue"/>
    public string? ErrorOf(long row, int column) => _errors.Count > 0 ? _errors.GetValueOrDefault($"{ColumnName(column)}{row}") : null;

    /// <summary>A, B, …, Z, AA, … for 0, 1, ….</summary>
    public static string ColumnName(int column) => column < 26 ? $"{(char)('A' + column)}" : ColumnName((column / 26) - 1) + (char)('A' + (column % 26));

    private void Read(ZipArchiveEntry part)
    {
        using var stream = part.Open();
        using var xml = XmlReader.Create(stream, s_settings);
        while (xml.ReadToFollowing("c"))
        {
            var cell = xml.GetAttribute("r");
            var isError = xml.GetAttribute("t") == "e";
            using var content = xml.ReadSubtree();
            var (isFormula, value) = ReadCell(content);
            if (cell is not null && isError)
            {
                _errors[cell] = value ?? "";
            }

            if (cell is not null && isFormula)
            {
                Add(cell, value is not null);
            }
        }
    }

    private static (bool IsFormula, string? Value) ReadCell(XmlReader cell)
    {
        var (isFormula, element, value) = (false, "", (string?)null);
        while (cell.Read())
        {
            element = cell.NodeType == XmlNodeType.Element ? cell.LocalName : element;
            isFormula |= element == "f";
            value = element == "v" && cell.NodeType == XmlNodeType.Text ? cell.Value : value;
        }

        return (isFormula, value);
    }

    private void Add(string cell, bool hasValue)
    {
        if (!hasValue)
        {
            _withoutValue.Add(cell);
        }
        else if (_count++ < 6)
        {
            _first.Add(cell);
        }
    }

    private static ZipArchiveEntry? FindPart(ZipArchive archive, string sheetName)
    {
        var id = Find(archive, "xl/workbook.xml", "sheet", xml => xml.GetAttribute("name") == sheetName ? xml.GetAttribute("id", Relationships) : null);
        var target = Find(archive, "xl/_rels/workbook.xml.rels", "Relationship", xml => xml.GetAttribute("Id") == id ? xml.GetAttribute("Target") : null);
        return target is null ? null : archive.GetEntry(target.StartsWith('/') ? target[1..] : $"xl/{target}");
    }

    private static string? Find(ZipArchive archive, string path, string element, Func<XmlReader, string?> read)
    {
        if (archive.GetEntry(path) is not { } entry)
        {
            return null;
        }

        using var content = entry.Open();
        using var xml = XmlReader.Create(content, s_settings);
        while (xml.ReadToFollowing(element) || (xml.ReadState == ReadState.Interactive && xml.ReadToFollowing(element, Main)))
        {
            if (read(xml) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
